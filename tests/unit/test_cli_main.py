"""The command line as a whole: options anywhere, every command documented, failures in words and exit codes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError
from typer.main import get_command
from typer.testing import CliRunner

from cli.failures import Misused, Refused, failure_of
from cli.main import app, hoisted
from cli.pairs import UnknownPair
from cli.place import NotReachable
from connector.connection import InvalidConnection
from connector.faults import ConfigurationFault, FaultKind, VendorFault
from connector.ports import QueueRefused

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "cli.md"


def commands(group: Any = None, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every command by its full name."""
    group = group or get_command(app)
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


COMMANDS = dict(commands())


def test_the_commands_that_there_are() -> None:
    assert sorted(COMMANDS) == [
        "apply", "audit export", "audit verify", "backfill", "connections apply", "connections authorize",
        "connections list",
        "connections pause", "connections ping", "connections resume", "connections schedule", "connections schema",
        "connections show", "connections validate", "console", "demo", "dlq list", "dlq purge", "dlq redrive",
        "dlq show", "doctor", "explain", "label quote", "label reprint", "label track", "label void",
        "netsuite activate", "netsuite certificate", "plan", "reconcile", "records accept", "records close",
        "records edit-and-replay",
        "records list", "records release", "records replay", "records show", "review list", "review resolve",
        "review show", "secrets rotate", "secrets set", "up", "webhooks register", "webhooks reverify",
        "webhooks status",
    ]  # fmt: skip


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_is_documented_with_an_example(name: str) -> None:
    text = DOCUMENT.read_text("utf-8")
    heading = re.search(rf"^### `{name}[ `](.*?)(?=^##|\Z)", text, re.MULTILINE | re.DOTALL)
    assert heading is not None, f"docs/cli.md has no heading for {name}"
    assert re.search(rf"^    ml-connector {name}\b", heading[0], re.MULTILINE), f"docs/cli.md has no example of {name}"


def test_the_document_names_no_command_that_does_not_exist() -> None:
    text = DOCUMENT.read_text("utf-8")
    typed = re.findall(r"^(?:    )?ml-connector ([a-z]+)(?: ([a-z-]+))?", text, re.MULTILINE)
    for first, second in typed:
        assert f"{first} {second}" in COMMANDS or first in COMMANDS, f"ml-connector {first} {second}"


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_takes_json_and_shows_an_example(name: str) -> None:
    result = CliRunner().invoke(app, [*name.split(), "--help"], env={"COLUMNS": "200"})
    assert result.exit_code == 0
    assert "--json" in result.stdout
    assert f"Example: ml-connector {name}" in " ".join(result.stdout.split())


@pytest.mark.parametrize("words", ["records list --nope", "nonsense", "records close acme/orders/SO/1"])
def test_a_wrong_call_is_one_document_for_a_machine_and_the_usage_for_a_person(words: str) -> None:
    told = CliRunner().invoke(app, [*words.split(), "--json"])
    assert (told.exit_code, set(json.loads(told.stdout))) == (2, {"error", "problems"})
    shown = CliRunner().invoke(app, words.split())
    assert (shown.exit_code, shown.stdout) == (2, "")
    assert "Usage: " in shown.stderr


def test_every_option_of_a_documented_example_exists() -> None:
    for line in re.findall(r"^    ml-connector (.+)$", DOCUMENT.read_text("utf-8"), re.MULTILINE):
        words = line.split("#")[0].split()
        name = next(name for name in COMMANDS if words[: len(name.split())] == name.split())
        parameters = COMMANDS[name].params
        known = {option for parameter in parameters for option in [*parameter.opts, *parameter.secondary_opts]}
        known |= {"--region", "--profile", "--stack", "--local"}
        assert {word for word in words if word.startswith("--")} <= known, line


def test_global_options_may_stand_anywhere() -> None:
    assert hoisted(["connections", "list", "--local"]) == ["--local", "connections", "list"]
    assert hoisted(["doctor", "acme", "--stack", "s", "--region=eu-central-1", "--quick"]) == [
        "--stack", "s", "--region=eu-central-1", "doctor", "acme", "--quick",
    ]  # fmt: skip
    assert hoisted(["records", "show", "--", "--local"]) == ["records", "show", "--", "--local"]


def test_a_missing_local_run_is_not_reachable(tmp_path: Path) -> None:
    words = ["connections", "list", "--local", "--run-file", str(tmp_path / "run.json")]
    result = CliRunner().invoke(app, words, catch_exceptions=False)
    assert result.exit_code == 3
    assert "ml-connector up" in result.stderr
    assert result.stdout == ""
    document = json.loads(CliRunner().invoke(app, [*words, "--json"]).stdout)
    assert "ml-connector up" in document["error"]


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (InvalidConnection(["a.b: missing"]), 1, "not valid"),
        (ConfigurationFault("acme", "does not exist"), 1, "acme"),
        (VendorFault("shipbob", FaultKind.FORBIDDEN, "no right"), 1, "no right"),
        (VendorFault("shipbob", FaultKind.NOT_SENT, "could not connect"), 3, "could not connect"),
        (Refused("why"), 1, "why"),
        (UnknownPair("which"), 1, "which"),
        (Misused("how"), 2, "how"),
        (NotReachable("where"), 3, "where"),
        (QueueRefused("queue live: 0 of 1"), 3, "queue live"),
        (NoCredentialsError(), 3, "aws sso login"),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:1"), 3, "ml-connector up"),
        (ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "Query"), 3, "ask for rights"),
    ],
)
def test_known_failures_have_words_and_a_code(error: Exception, code: int, words: str) -> None:
    failure = failure_of(error)
    assert failure is not None
    assert failure.code == code
    assert words in failure.text


def test_a_bug_is_not_dressed_up() -> None:
    assert failure_of(KeyError("x")) is None
    assert failure_of(ValueError("x")) is None


def test_tracebacks_never_show_local_variables() -> None:
    assert app.pretty_exceptions_show_locals is False


def test_up_and_demo_say_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> Any:
        raise ModuleNotFoundError("No module named 'ministack'", name="ministack")

    monkeypatch.setattr("cli.commands.local_run.import_module", absent)
    for name in ("up", "demo"):
        result = CliRunner().invoke(app, [name], catch_exceptions=False)
        assert result.exit_code == 1
        assert "make environment" in result.stderr


def test_up_hands_its_options_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    called: list[dict[str, Any]] = []

    class Module:
        @staticmethod
        def run(**arguments: Any) -> None:
            called.append(arguments)

        @staticmethod
        def main(arguments: list[str]) -> int:
            called.append({"arguments": arguments})
            return 1

    monkeypatch.setattr("cli.commands.local_run.import_module", lambda name: Module)
    file = tmp_path / "acme.json"
    assert CliRunner().invoke(app, ["up", "--connections", str(file), "--no-simulators"]).exit_code == 0
    assert CliRunner().invoke(app, ["demo", "--json"]).exit_code == 1
    assert called == [{"connections": file, "simulators": False}, {"arguments": ["--json"]}]


