"""Webhooks and pushes on their way out of a simulator: which are due, and how a driver beyond HTTP takes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar


class Delivery(Protocol):
    """What the deliveries of all vendors have in common."""

    @property
    def id(self) -> str:
        """The message's id, the same in every attempt."""

    @property
    def attempt(self) -> int:
        """1 for the first one."""

    @property
    def due(self) -> datetime:
        """When it is to go out, aware UTC."""

    @property
    def url(self) -> str:
        """Where it goes."""

    @property
    def headers(self) -> Mapping[str, str]:
        """With its signature or credential."""

    @property
    def body(self) -> bytes:
        """The exact bytes to post."""


Posted = TypeVar("Posted", bound=Delivery)


class Sender(Protocol[Posted]):
    """A simulator that calls somebody."""

    def take_deliveries(self) -> list[Posted]:
        """Everything that is due now."""
        ...

    def report_delivery(self, delivery: Posted, accepted: bool) -> None:
        """What became of it. `accepted`: a 2xx in time."""
        ...


def split_due(outbox: Sequence[Posted], now: datetime, *, reverse: bool) -> tuple[list[Posted], list[Posted]]:
    """What is due now (the last first when a switch wants disorder), and what stays in the outbox."""
    due = [each for each in outbox if each.due <= now]
    if reverse:
        due.reverse()
    return due, [each for each in outbox if each.due > now]


def attempt_of(delivery: Delivery) -> str:
    """The name of one attempt: `id/attempt`."""
    return f"{delivery.id}/{delivery.attempt}"


def hand_over(
    taken: Iterable[Posted],
    out: dict[str, Posted],
    *,
    name: Callable[[Posted], str] = attempt_of,
    shown: Sequence[str] = ("url", "headers"),
) -> list[dict[str, Any]]:
    """Deliveries as JSON for a driver on the other side of HTTP, who reports each one by its name, `delivery`.

    `out` keeps them until then. `shown`: the fields it sees; `body` beside them is the exact text to post.
    """
    named = [(name(each), each) for each in taken]
    out.update(named)
    return [
        {"delivery": key, "body": each.body.decode(), **{field: getattr(each, field) for field in shown}}
        for key, each in named
    ]
