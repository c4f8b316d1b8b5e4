"""The documentation says what the product is: every alarm, ending, fault, parameter, setting, command and link."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
import yaml
from pydantic import BaseModel

from acumatica_shipbob.settings import AcumaticaShipBob
from acumatica_shipstation.settings import AcumaticaShipStation
from acumatica_ups.settings import AcumaticaUps
from connector import outcome
from connector.effect import Repeat
from connector.faults import FaultKind
from connector.record import Status
from dynamicsgp_shipbob.settings import DynamicsGpShipBob
from netsuite_shipbob.settings import NetSuiteShipBob

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "functions/*/*.md", "events/*.md")
    for path in ROOT.glob(pattern)
)
NAMES = [str(path.relative_to(ROOT)) for path in DOCUMENTS]

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"```(\w*)\n(.*?)```", re.DOTALL)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def anchors(document: str) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    without_code = FENCE.sub("", document)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in HEADING.findall(without_code)}


def table(document: str) -> dict[str, tuple[str, ...]]:
    """Rows of all tables whose first cell is one piece of code, by that cell."""
    rows: dict[str, tuple[str, ...]] = {}
    for line in document.splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if cells and re.fullmatch(r"`[^`]+`", cells[0]):
            name = cells[0].strip("`")
            assert name not in rows, f"{name} is explained twice"
            rows[name] = tuple(cells[1:])
    return rows


# ---- links and commands --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_every_relative_link_resolves(name: str) -> None:
    broken = []
    for target in LINK.findall(FENCE.sub("", text(name))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        found = (ROOT / name).parent / path if path else ROOT / name
        if not found.exists():
            broken.append(f"{target}: no such file")
        elif anchor and anchor not in anchors(found.read_text("utf-8")):
            broken.append(f"{target}: no such heading")
    assert broken == []


def shell_lines(document: str) -> Iterator[list[str]]:
    """Every command of the document's shell examples, as words; each part of a pipe is one."""
    for language, body in FENCE.findall(document):
        for line in body.replace("\\\n", " ").splitlines() if language == "sh" else ():
            words = shlex.split(line)
            pipes = [place for place, word in enumerate(words) if word == "|"]
            for begin, end in zip([0, *(place + 1 for place in pipes)], [*pipes, len(words)], strict=True):
                if words[begin:end]:
                    yield words[begin:end]


def commands() -> dict[str, Any]:
    """Every command of `ml-connector`, by its words."""
    from typer.main import get_command

    from cli.main import app

    found: dict[str, Any] = {}

    def walk(command: Any, path: str) -> None:
        found[path] = command
        for name, inner in getattr(command, "commands", {}).items():
            walk(inner, f"{path} {name}".strip())

    walk(get_command(app), "")
    return found


def spoken(document: str) -> Iterator[list[str]]:
    """`ml-connector ...` as it stands in running text."""
    for phrase in re.findall(r"`(ml-connector [^`]+)`", FENCE.sub("", document).replace("\n", " ")):
        yield shlex.split(phrase)


@pytest.mark.parametrize("name", NAMES)
def test_every_command_exists_with_its_options(name: str) -> None:
    known, targets = commands(), set(re.findall(r"^([a-z]+):", text("Makefile"), re.MULTILINE))
    for words in (*shell_lines(text(name)), *spoken(text(name))):
        program = words[0].removeprefix(".venv/bin/")
        if program == "make":
            assert words[1] in targets, f"make {words[1]}"
        elif program == "ml-connector":
            assert_command(words[1:], known)
        else:
            own = re.match(r"\w+=|\w+\(\)$", program)  # a variable or a function of the example itself
            assert own or program in PROGRAMS, f"{program} is no program that the reader has"


PROGRAMS = {"sam", "aws", "git", "curl", "sed", "echo", "export", "order"}
"""What stands in examples beside our own; `order` is a function of an exercise."""


def assert_command(words: list[str], known: dict[str, Any]) -> None:
    path = next(
        (" ".join(words[:size]) for size in (2, 1) if " ".join(words[:size]) in known and len(words) >= size), None
    )
    assert path is not None, f"there is no command: ml-connector {' '.join(words)}"
    command = known[path]
    assert not getattr(command, "commands", None) or len(words) == 1, f"{path} needs a sub-command: {words}"
    options = {option for parameter in (*command.params, *known[""].params) for option in parameter.opts}
    given = {word.partition("=")[0] for word in words if word.startswith("--")}
    assert given <= options | {"--help"}, f"ml-connector {path} has no {sorted(given - options)}"


def test_the_readme_names_the_commands_that_it_promises() -> None:
    words = [" ".join(line) for line in shell_lines(text("README.md"))]
    assert {"make demo", "make up", ".venv/bin/sam deploy --guided"} <= set(words)


# ---- endings, faults, states ---------------------------------------------------------------------------------


def test_every_ending_of_work_is_explained() -> None:
    endings = {kind.__name__ for kind in get_args(outcome.Outcome)}
    assert endings <= set(table(text("docs/operator-guide.md")))


@pytest.mark.parametrize("words", [FaultKind, Status])
def test_every_word_that_people_meet_is_explained(words: type[StrEnum]) -> None:
    assert {word.value for word in words} <= set(table(text("docs/operator-guide.md")))


def test_every_missing_key_that_holds_a_record_is_explained() -> None:
    pairs = ("acumatica_shipbob", "acumatica_shipstation", "acumatica_ups", "netsuite_shipbob", "dynamicsgp_shipbob")
    sources = "".join(path.read_text("utf-8") for pair in pairs for path in ROOT.glob(f"functions/{pair}/**/*.py"))
    kinds = {*re.findall(r'Missing\("([^"]+)"', sources), "accepted_addresses", "service", "new label",
             "shipbob item", "netsuite item", "sales order", "purchase order change"}  # fmt: skip
    assert kinds
    assert kinds <= set(table(text("docs/operator-guide.md")))


def test_every_way_to_ask_again_is_explained() -> None:
    assert {kind.value for kind in Repeat} <= set(table(text("docs/ledger.md")))


def test_every_command_is_told_of_where_operators_look() -> None:
    """`docs/cli.md` explains each one; the guide and the runbook say when to use it."""
    told = text("docs/operator-guide.md") + text("docs/runbook.md")
    names = [name for name, command in commands().items() if name and not getattr(command, "commands", None)]
    assert len(names) > 30
    assert [name for name in names if not re.search(rf"ml-connector {name}\b", told)] == []


# ---- alarms and parameters -----------------------------------------------------------------------------------


class Template(yaml.SafeLoader):
    """Reads the template without understanding its functions."""


Template.add_multi_constructor("!", lambda loader, suffix, node: None)


def test_every_alarm_links_to_its_section_of_the_runbook() -> None:
    template, runbook = text("template.yaml"), text("docs/runbook.md")
    linked = re.findall(r"AlarmDescription:.*docs/runbook\.md#([\w-]+)", template)
    assert len(linked) == len(re.findall(r"Type: AWS::CloudWatch::Alarm", template))
    assert set(linked) <= anchors(runbook)


def alarm_names() -> set[str]:
    """Logical ids of all alarms behind the pair's name, the loops of the template played out."""
    template = text("template.yaml")
    names = re.findall(r"^ +(?:- )?([\w${}]*Alarm):$", template, re.MULTILINE)
    loops = {"Dead": ("DeadQueue", "DelayDeadQueue"), "Failing": ("Webhook", "Poll", "Work")}
    found = set()
    for name in names:
        variable = next((loop for loop in loops if f"${{{loop}}}" in name), None)
        values = loops[variable] if variable else ("",)
        found |= {name.replace(f"${{{variable}}}", value).replace("${Pair}", "...") for value in values}
    return found


def test_every_alarm_is_listed_in_the_runbook() -> None:
    listed = set(re.findall(r"`((?:\.\.\.)?\w*Alarm)`", text("docs/runbook.md")))
    assert listed - {"AcumaticaShipbobDeadQueueAlarm"} == alarm_names()


def test_every_parameter_of_the_template_is_explained_with_its_default() -> None:
    parameters = yaml.load(text("template.yaml"), Template)["Parameters"]  # noqa: S506 - a SafeLoader
    wanted = {
        name: f"`{value['Default']}`" if value["Default"] != "" else "empty" for name, value in parameters.items()
    }
    rows = table(text("docs/deploy.md"))
    assert {name: cells[0] for name, cells in rows.items()} == wanted
    assert all(len(cells[1]) > 20 for cells in rows.values())


# ---- settings ------------------------------------------------------------------------------------------------


def model_in(annotation: Any) -> tuple[str, type[BaseModel] | None]:
    """The model behind an annotation, and `.*` where it stands in a mapping."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "", annotation
    if get_origin(annotation) in (None, tuple):
        return "", None
    inner = [part for part in get_args(annotation) if isinstance(part, type) and issubclass(part, BaseModel)]
    return (".*", inner[0]) if inner else ("", None)


def settings(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every key of a connection file with its default as the document writes it."""
    for name, field in model.model_fields.items():
        star, inner = model_in(field.annotation)
        if star or inner is None:
            yield f"{prefix}{name}", default_text(field)
        if inner is not None:
            yield from settings(inner, f"{prefix}{name}{star}.")


def default_text(field: Any) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    return "none" if value is None else f"`{json.dumps(value, default=str)}`"


def test_every_setting_of_a_connection_file_is_explained_with_its_default() -> None:
    rows = table(text("docs/connection-file.md"))
    wanted = dict(settings(AcumaticaShipBob))
    assert set(rows) == set(wanted)
    scopes = "systems.shipbob.scopes"  # fifteen names, which the document does not repeat
    assert {name: cells[0] for name, cells in rows.items() if name != scopes} == {
        name: default for name, default in wanted.items() if name != scopes
    }
    assert all(len(cells[1]) > 15 for cells in rows.values())


@pytest.mark.parametrize(
    ("model", "document"),
    [(AcumaticaUps, "docs/connection-file-ups.md"), (NetSuiteShipBob, "docs/connection-file-netsuite.md")],
)
def test_every_setting_of_another_pair_is_explained_with_its_default(model: type[BaseModel], document: str) -> None:
    """What every pair has stands in the first document."""
    elsewhere = set(table(text("docs/connection-file.md")))
    common = {name for name in elsewhere if not name.startswith(("settings.", "tables."))}
    rows = table(text(document))
    wanted = {name: default for name, default in settings(model) if name not in common}
    assert {name: cells[0] for name, cells in rows.items()} == wanted
    assert all(len(cells[1]) > 15 for cells in rows.values())


def test_every_setting_of_the_pair_acumatica_shipstation_is_explained_with_its_default() -> None:
    elsewhere = set(table(text("docs/connection-file.md")))
    common = {name for name in elsewhere if not name.startswith(("settings.", "tables."))}
    rows = table(text("docs/connection-file-shipstation.md"))
    wanted = {name: default for name, default in settings(AcumaticaShipStation) if name not in common}
    assert {name: cells[0] for name, cells in rows.items()} == wanted
    assert all(len(cells[1]) > 15 for cells in rows.values())


def test_every_setting_of_the_pair_dynamicsgp_shipbob_is_explained_with_its_default() -> None:
    elsewhere = set(table(text("docs/connection-file.md")))
    common = {name for name in elsewhere if not name.startswith(("settings.", "tables."))}
    rows = table(text("docs/connection-file-dynamics-gp.md"))
    wanted = {name: default for name, default in settings(DynamicsGpShipBob) if name not in common}
    assert {name: cells[0] for name, cells in rows.items()} == wanted
    assert all(len(cells[1]) > 15 for cells in rows.values())


# ---- decisions and wording -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted((ROOT / "docs/decisions").glob("*.md")), ids=lambda path: path.stem)
def test_every_decision_is_short_dated_and_says_when_it_was_wrong(path: Path) -> None:
    document = path.read_text("utf-8")
    number, title = int(path.name[:4]), document.splitlines()[0]
    assert title.startswith(f"# {number}. ")
    assert re.search(r"^20\d\d-\d\d(-\d\d)?\.", document, re.MULTILINE)
    assert "We were wrong if" in document
    assert len(document.split()) < 500


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [int(path.name[:4]) for path in sorted((ROOT / "docs/decisions").glob("*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("name", NAMES)
def test_no_document_holds_a_machine_path_or_an_unfinished_sentence(name: str) -> None:
    document = text(name)
    for word in ("/work/", "/tmp/", "/home/", "TODO", "TBD", "FIXME", "XXX", "lorem"):
        assert word not in document, word
