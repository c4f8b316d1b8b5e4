"""`ml-connector console`: the operator's page in a browser."""

from __future__ import annotations

import contextlib
import secrets
import webbrowser
from typing import Annotated

import typer

from cli.desk import desk_of
from cli.failures import Refused
from cli.operations.console_server import Backing, ConsoleServer
from cli.output import Json, answer

PORT = 47590


def console(
    context: typer.Context,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on this machine; 0 takes a free one.")] = PORT,
    browser: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    as_json: Json = False,
) -> None:
    """Serves the operator's page on this machine until Ctrl-C. Its calls are signed with your AWS credentials.

    What you may do there is what IAM allows you on the operator API; every call is noted with your name.

    Example: ml-connector console
    """
    place = desk_of(context).place
    try:
        server = ConsoleServer(port, Backing(place.operator_api(), secrets.token_urlsafe(24), place.name))
    except OSError as error:
        raise Refused(f"port {port} cannot be used ({error.strerror}); name another one with --port") from error
    with server:
        answer(as_json, {"url": server.url}, lambda out: out.print(f"Open {server.url}\nCtrl-C ends it."))
        if browser:
            webbrowser.open(server.url)
        with contextlib.suppress(KeyboardInterrupt):
            server.serve_forever()
