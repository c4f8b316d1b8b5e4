"""Answers one call of the operator API: who asks, a line in the journal, the act, the answer.

    200  the same document as the command's --json
    400  wrong usage           404  no such path
    403  nobody has signed: API Gateway's IAM authorization is off, and then nothing is answered at all
    409  refused: the text says why and what to do
    500  a defect of ours      503  AWS did not do what was asked; try again
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from cli.codes import FINDINGS, NOT_REACHABLE, USAGE
from cli.desk import Desk
from cli.failures import Failure, Misused, failure_of
from cli.place import Place, StackPlace
from connector.journal import note
from connector.settle import place_of
from operations.asked import Asked, asked_from, caller_of, path_of
from operations.caller import CallerPlace
from operations.routes import ROUTES, Route

Handler = Callable[[Mapping[str, Any], Any], dict[str, Any]]
STATUS = {USAGE: 400, FINDINGS: 409, NOT_REACHABLE: 503}


def operator_api(place: Place | None = None) -> Handler:
    """The handler. Without a place it acts on the stack that it is deployed in, made at cold start."""
    ready: list[Place] = [place] if place is not None else []
    if not ready and os.environ.get("MLC_STACK"):
        ready.append(StackPlace(os.environ["MLC_STACK"], verbose=True))

    def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
        if not ready:
            raise RuntimeError("the operator API does not know its stack: set MLC_STACK")
        return respond(ready[0], event)

    return handler


def respond(place: Place, event: Mapping[str, Any]) -> dict[str, Any]:
    """Answers one event of API Gateway. Never raises for what the event holds."""
    who = caller_of(event)
    if not who:
        return answered(403, {"error": "nobody has signed this call; sign it with AWS credentials (SigV4)"})
    correlation = secrets.token_hex(8)
    desk = Desk(CallerPlace(place, who), correlation=lambda: correlation)
    try:
        asked, route = _understood(event)
    except (NoSuchPath, Misused) as error:
        return _turned_away(desk, event, error)
    try:
        _note(desk, asked, who, correlation)
        return answered(200, route.act(desk, asked))
    except Exception as error:  # noqa: BLE001 - the caller must hear 500, and a person reads where it was
        return _failed(desk, error, correlation)


class NoSuchPath(Exception):
    """Nothing is there that could be called."""


def _understood(event: Mapping[str, Any]) -> tuple[Asked, Route]:
    """Raises NoSuchPath, Misused."""
    asked = asked_from(event)
    route = ROUTES.get((asked.method, asked.path))
    if route is None:
        raise NoSuchPath(f"there is no {asked.method} /operations/{asked.path}")
    asked.only(route.takes)
    return asked, route


def _turned_away(desk: Desk, event: Mapping[str, Any], error: NoSuchPath | Misused) -> dict[str, Any]:
    """A call that cannot be understood is noted with who made it as well, without what it may quote."""
    known = (str(event.get("httpMethod", "")), path_of(event))
    act = " ".join(known) if known in ROUTES else "an unknown path"
    try:
        note(desk.place.services(), desk.place.who(), f"{act}, not understood", {"correlation": desk.correlation()})
    except Exception as failed:  # noqa: BLE001 - the caller must hear of it
        return _failed(desk, failed, desk.correlation())
    return answered(404 if isinstance(error, NoSuchPath) else 400, {"error": str(error)})


def _note(desk: Desk, asked: Asked, who: str, correlation: str) -> None:
    """Before anything is done: what cannot be noted is not done."""
    services = desk.place.services()
    note(services, who, f"{asked.method} {asked.path}", {**asked.noted(), "correlation": correlation})


def _failed(desk: Desk, error: Exception, correlation: str) -> dict[str, Any]:
    failure: Failure | None = failure_of(error)
    if failure is None:
        # Where it was, never its words: they may quote data.
        log = desk.place.services().log.bind(correlation=correlation)
        log.error("the operator API crashed", error=type(error).__name__, reason=place_of(error))
        said = {"error": "a defect of this software; the log has it under this correlation", "correlation": correlation}
        return answered(500, said)
    document: dict[str, Any] = {"error": failure.text}
    if failure.problems:
        document["problems"] = list(failure.problems)
    return answered(400 if isinstance(error, Misused) else STATUS[failure.code], document)


def answered(status: int, document: Any) -> dict[str, Any]:
    """The answer for API Gateway."""
    headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
    body = json.dumps(document, ensure_ascii=False, default=str)
    return {"statusCode": status, "headers": headers, "body": body, "isBase64Encoded": False}
