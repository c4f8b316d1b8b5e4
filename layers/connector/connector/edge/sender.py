"""How a delivery proves where it comes from, and what names it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar

Documents = Sequence[Mapping[str, Any]]
"""The JSON objects of a webhook secret: the current version first, then the previous one while there is one."""

Proof = TypeVar("Proof")

ENDPOINT = "token"
"""The URL's last part where a sender fetches tokens from us."""


@dataclass(frozen=True)
class Delivery:
    """One request as it came: `headers` by lower-case name, `body` the exact bytes, `token` the URL's last part,
    `audience` whom it was sent to (`<connection>/<sender>`).

    A header that came more than once is not in `headers` but in `doubled`: nobody can say which one was meant.
    """

    headers: Mapping[str, str]
    body: bytes
    token: str = ""
    doubled: frozenset[str] = frozenset()
    audience: str = ""

    def __repr__(self) -> str:
        return f"Delivery({len(self.body)} bytes)"


class Ruling(StrEnum):
    """What a scheme says of a delivery. The comment says what follows."""

    PROVEN = "proven"  # stored, 200
    UNPROVEN = "unproven"  # no present secret proves it, a newer one might: 401, quarantine
    INVALID = "invalid"  # no secret could ever prove it: 401
    MISCONFIGURED = "misconfigured"  # a secret is empty or malformed and no other one proves it: 503, quarantine


@dataclass(frozen=True)
class Verdict:
    """A ruling and its reason. `why` is for the log: never secret, never part of the answer."""

    ruling: Ruling
    why: str = ""


class Grant(NamedTuple):
    """The answer of a token endpoint. `why` is for the log: never secret; `error` is a word of RFC 6749."""

    status: int
    why: str = ""
    error: str = ""
    said: Mapping[str, Any] = {}


@dataclass(frozen=True)
class Identity:
    """What names an event: `event_id` is the same on every repetition, `topic` is the sender's word for its kind."""

    event_id: str
    topic: str


@dataclass(frozen=True)
class Sender:
    """A system that calls us.

    name: the last fixed part of the URL, and the system's name in the connection's configuration.
    secret_name: its secret is `<connection>/<secret_name>`.
    verify: judges the raw delivery by the secret's documents and the present; total, whatever the bytes.
    identify: names the event. Called with the parsed body after a good verdict only; total as well.
    headers: harmless headers that are kept with the event. Doubled ones make the delivery invalid.
    issue: for senders that fetch a token from us first: answers a POST whose URL ends with `/token`.
    """

    name: str
    secret_name: str
    verify: Callable[[Delivery, Documents, datetime], Verdict]
    identify: Callable[[Delivery, Mapping[str, Any]], Identity]
    headers: tuple[str, ...] = ("content-type", "user-agent")
    issue: Callable[[Delivery, Documents, datetime], Grant] | None = None


def usable(
    documents: Documents, member: str, read: Callable[[str, Mapping[str, Any]], Proof]
) -> tuple[list[Proof], str]:
    """Every usable entry of the lists `member`, and a complaint about the current version or "".

    `read(entry, document)` turns one entry into what the scheme compares with; its ValueError says what is wrong
    without showing the entry. A broken previous version is no complaint: it has been replaced already.
    """
    found: list[Proof] = []
    complaint = "" if documents else "the secret does not exist"
    for age, document in enumerate(documents):
        problem = ""
        entries = document.get(member)
        if not isinstance(entries, list) or not entries:
            entries, problem = [], f"the secret is no JSON object with a non-empty list {member!r}"
        for entry in entries:
            try:
                found.append(read(entry if isinstance(entry, str) else "", document))
            except ValueError as error:
                problem = str(error)
        if age == 0:
            complaint = problem
    return found, complaint


def judge(matched: bool, complaint: str) -> Verdict:
    """The ruling of a well-formed delivery."""
    if matched:
        return Verdict(Ruling.PROVEN, complaint)
    if complaint:
        return Verdict(Ruling.MISCONFIGURED, complaint)
    return Verdict(Ruling.UNPROVEN, "no present secret proves it")
