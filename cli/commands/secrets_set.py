"""`ml-connector secrets`: credentials go in by standard input, a file or hidden prompts, never on the command line."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.desk import desk_of
from cli.failures import Misused
from cli.operations.applying import continue_for_secret
from cli.operations.credentials import (
    Stored,
    shapes_named,
    store_credentials,
    store_webhook_secret,
    webhook_sender,
)
from cli.operations.documents import read_text
from cli.operations.rotating import finish_rotation, rotate_credentials, rotate_webhook_secret
from cli.output import Json, answer, plural
from cli.systems.shapes import OPEN_MEMBERS, SecretShape
from connector.connection import InvalidConnection
from connector.journal import note
from connector.services import Services

app = typer.Typer(no_args_is_help=True, help="Credentials of connections.", rich_markup_mode=None)


@app.callback()
def secrets_group() -> None:
    """Credentials of connections. Values are never shown."""


@app.command("set")
def set_command(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Name of the connection (or CONNECTION/SYSTEM).")],
    system: Annotated[str, typer.Argument(help="Which secret: acumatica, shipbob, shipbob_billing, ...")] = "",
    file: Annotated[Path | None, typer.Option(help="File with a JSON object, or with lines member=value.")] = None,
    as_json: Json = False,
) -> None:
    """Stores the credentials of one system: a JSON object or lines `member=value` from standard input or --file.

    On a terminal it asks for each member and hides what is typed.

    Example: ml-connector secrets set acme shipbob < token.json
    """
    connection, _, inside = name.partition("/")
    secret = system or inside
    if not secret:
        raise Misused("name the system as well: ml-connector secrets set CONNECTION SYSTEM")
    desk = desk_of(context)
    services = desk.place.services()
    applied = services.tables.get("connections", connection, "document") is not None
    services = desk.connection(connection) if applied else services
    stored = _store(services, connection, secret, file)
    if stored.changed:
        note(services, desk.place.who(), f"sets the secret {stored.name}", {"members": ", ".join(stored.members)})
    resumed = continue_for_secret(services, connection, secret, desk.correlation()) if applied else 0
    facts = {
        "secret": stored.name,
        "members": list(stored.members),
        "changed": stored.changed,
        "records_resumed": resumed,
    }
    text = (
        f"Secret {stored.name} is stored ({', '.join(stored.members)}). Running functions use it within five minutes."
        if stored.changed
        else f"Secret {stored.name} already held exactly this; nothing was written."
    )
    more = f" {plural(resumed, 'record')} held for it can go on." if resumed else ""
    answer(as_json, facts, lambda out: out.print(text + more))


@app.command("rotate")
def rotate_command(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Name of the connection.")],
    secret: Annotated[str, typer.Argument(help="Which secret: acumatica, shipbob, ups, acumatica_webhook, ...")],
    file: Annotated[Path | None, typer.Option(help="File with the new credential, as for `secrets set`.")] = None,
    finish: Annotated[bool, typer.Option("--finish", help="A webhook secret: end the old value.")] = False,
    value_file: Annotated[
        Path | None, typer.Option(help="A webhook secret: write the new value into this new file (mode 600).")
    ] = None,
    as_json: Json = False,
) -> None:
    """Changes a credential without a gap. The new one of an account is tried first and stored only if it lets us in.

    A webhook secret gets a new value in front of the old one; both are accepted until --finish.

    Example: ml-connector secrets rotate acme shipbob < new-token.json
    """
    desk = desk_of(context)
    services = desk.connection(name)
    sender, who = webhook_sender(services, name, secret), desk.place.who()
    if sender is None and (finish or value_file is not None):
        raise Misused("--finish and --value-file are for webhook secrets")
    if sender is None:
        given = _given(file, shapes_named(services, name, secret))
        done = rotate_credentials(services, name, secret, given, who, desk.sleep)
        resumed = continue_for_secret(services, name, secret, desk.correlation())
    else:
        resumed = 0
        done = (
            finish_rotation(services, name, sender, who)
            if finish
            else rotate_webhook_secret(services, name, sender, who, value_file)
        )
    facts = {**asdict(done.stored), "members": list(done.stored.members), "tried": done.tried, "advice": done.advice}
    works = f" It works: {done.tried}." if done.tried else ""
    what = "has one value alone now, the newest" if finish else "is rotated"
    lines = [f"Secret {done.stored.name} {what}.{works}", done.advice]
    answer(as_json, {**facts, "records_resumed": resumed}, lambda out: out.print("\n".join(lines)))


def _store(services: Services, connection: str, secret: str, file: Path | None) -> Stored:
    sender = webhook_sender(services, connection, secret)
    if sender is not None:
        return store_webhook_secret(services, connection, sender, _given(file, ()), services.clock())
    shapes = shapes_named(services, connection, secret)
    return store_credentials(services, connection, secret, _given(file, shapes))


def _given(file: Path | None, shapes: Sequence[SecretShape]) -> Mapping[str, Any]:
    """What was handed in. Raises Misused; no text of it ever stands in a message."""
    if file is not None:
        try:
            return parse_members(file.read_text("utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise Misused(f"{file} cannot be read ({type(error).__name__})") from None
    if not sys.stdin.isatty():
        return parse_members(sys.stdin.read())
    if not shapes:
        raise Misused("give the JSON object on standard input or with --file")
    return _asked(shapes)


def parse_members(text: str) -> Mapping[str, Any]:
    """A JSON object, or lines `member=value`. Raises Misused."""
    if not text.strip():
        raise Misused("standard input was empty; give a JSON object or lines member=value, or use --file")
    if text.lstrip().startswith("{"):
        try:
            return read_text(text, "the secret")
        except InvalidConnection:
            raise Misused("what was given begins like a JSON object but is none, or names a member twice") from None
    members: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        key, equals, value = line.partition("=")
        if not line.strip():
            continue
        if not equals or not key.strip() or key.strip() in members:
            raise Misused(f"line {number} is not member=value, or names a member twice")
        members[key.strip()] = value
    return members


def _asked(shapes: Sequence[SecretShape]) -> Mapping[str, str]:
    shape = shapes[0] if len(shapes) == 1 else _chosen(shapes)
    answers = {}
    for member, where in shape.members.items():
        answers[member] = str(typer.prompt(f"{member} ({where})", hide_input=member not in OPEN_MEMBERS, err=True))
    return answers


def _chosen(shapes: Sequence[SecretShape]) -> SecretShape:
    for number, shape in enumerate(shapes, start=1):
        typer.echo(f"{number}: {' and '.join(shape.members)} ({shape.when})", err=True)
    number = int(typer.prompt("Which of these", type=int, err=True))
    if not 1 <= number <= len(shapes):
        raise Misused(f"choose a number from 1 to {len(shapes)}")
    return shapes[number - 1]
