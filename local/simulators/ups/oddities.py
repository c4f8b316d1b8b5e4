"""Answers that UPS gives now and then instead of the right one; planned by command, one or several times."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from local.simulators.base import Reply, Request, json_reply
from local.simulators.ups import problems

KINDS: dict[str, Callable[[], Reply]] = {
    "empty_200": problems.empty_success,
    "errors_in_200": lambda: problems.errors_in_success("10002", "The request is not valid"),
    "status_zero": lambda: json_reply(
        200, {"ShipmentResponse": {"Response": {"ResponseStatus": {"Code": "0", "Description": "Failure"}}}}
    ),
    "html_403": lambda: problems.edge_page(403),
    "html_503": lambda: problems.edge_page(503),
    "unavailable": problems.unavailable,
    "legacy_fault": lambda: problems.legacy_fault("10002", "The document is not valid"),
    "empty_500": lambda: Reply(500, {}, b""),
}


@dataclass
class Planned:
    """One planned oddity: `acts` says whether UPS does its work first (and the caller never learns)."""

    kind: str
    match: str
    times: int
    acts: bool


def plan(planned: list[Planned], arguments: dict[str, Any]) -> None:
    """`kind` out of KINDS, `match` a regular expression on `METHOD path`, `times` (1), `acts` (false)."""
    if arguments["kind"] not in KINDS:
        raise ValueError(f"no oddity {arguments['kind']!r}; known: {', '.join(KINDS)}")
    times, acts = int(arguments.get("times", 1)), bool(arguments.get("acts", False))
    planned.append(Planned(arguments["kind"], arguments.get("match", ".*"), times, acts))


def take(planned: list[Planned], request: Request) -> Planned | None:
    """The oddity that hits this request, counted down."""
    for each in planned:
        if each.times > 0 and re.search(each.match, f"{request.method} {request.path}"):
            each.times -= 1
            return each
    return None
