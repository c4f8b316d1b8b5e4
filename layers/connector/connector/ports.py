"""What the kernel needs of the cloud, as small protocols: tables, queues, bodies, secrets, alerts.

`connector.aws` implements them with botocore; tests use in-memory twins that pass the same contract tests.
An item is a flat dict of str, int and bool; anything richer is JSON text in the attribute `data`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

Item = dict[str, str | int | bool]
"""One DynamoDB item. Always has `pk` and `sk` (text). Attributes are text, whole numbers or booleans."""


@dataclass(frozen=True)
class Absent:
    """The item must not exist."""


@dataclass(frozen=True)
class Equals:
    """The item must exist and these attributes must have these values."""

    values: Mapping[str, str | int | bool]


@dataclass(frozen=True)
class AbsentOrBelow:
    """The item must not exist, or lack `attribute`, or hold a smaller value there (leases: text compares as text)."""

    attribute: str
    value: str | int


Condition = Absent | Equals | AbsentOrBelow | None


@dataclass(frozen=True)
class Put:
    """One write of a transaction: the whole item replaces what is there."""

    table: str  # "connections", "records", "events", "audit" or "state"
    item: Item
    condition: Condition = None


@dataclass(frozen=True)
class Delete:
    """One deletion of a transaction; deleting what is not there is no error unless the condition says so."""

    table: str
    pk: str
    sk: str
    condition: Condition = None


@dataclass(frozen=True)
class Page:
    """Part of a query's answer. `next` is the opaque place to go on, or None."""

    items: Sequence[Item]
    next: str | None = None


class Tables(Protocol):
    """The five tables. Reads are strongly consistent unless they go through an index."""

    def get(self, table: str, pk: str, sk: str) -> Item | None:
        """One item."""
        ...

    def get_many(self, table: str, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Item]:
        """Many items by key; absent ones are absent from the answer. Any number of keys."""
        ...

    def put(self, table: str, item: Item, condition: Condition = None) -> bool:
        """Writes one item; False when the condition did not hold."""
        ...

    def delete(self, table: str, pk: str, sk: str, condition: Condition = None) -> bool:
        """Deletes one item; False when the condition did not hold."""
        ...

    def add(
        self,
        table: str,
        pk: str,
        sk: str,
        attribute: str,
        amount: int,
        *,
        ceiling: int | None = None,
        expires_at: int | None = None,
    ) -> int | None:
        """Adds to a counter (created at 0) and answers the new value.

        None, and nothing added, when the new value would pass `ceiling`.
        """
        ...

    def transact(self, writes: Sequence[Put | Delete]) -> bool:
        """All or nothing, at most 100 writes; False when a condition did not hold or another transaction interfered."""
        ...

    def query(
        self,
        table: str,
        pk: str,
        *,
        prefix: str = "",
        descending: bool = False,
        limit: int | None = None,
        start: str | None = None,
    ) -> Page:
        """Items of one `pk` whose `sk` starts with `prefix`, ordered by `sk`. `limit` bounds the page."""
        ...

    def query_index(
        self,
        table: str,
        index: str,
        value: str,
        *,
        below: str | None = None,
        descending: bool = False,
        limit: int | None = None,
        start: str | None = None,
    ) -> Page:
        """Items by an index (by_pair, by_status, by_missing, by_reference, by_day), ordered by its sort key.

        `below`: only sort keys <= it. Eventually consistent: never use it to decide about a write alone.
        """
        ...

    def scan(self, table: str, *, start: str | None = None, limit: int | None = None) -> Page:
        """Everything, for operators and migrations only."""
        ...


INDEX_KEYS: Mapping[str, tuple[str, str]] = {
    "by_pair": ("pair", "pk"),
    "by_status": ("status_key", "due_at"),
    "by_missing": ("missing", "pk"),
    "by_reference": ("reference", "pk"),
    "by_day": ("day", "at"),
}
"""Partition and sort attribute of every index; the template's test compares itself with this."""


def pages(read: Callable[[str | None], Page]) -> Iterator[Item]:
    """Every item of a paged read: `pages(lambda start: tables.query("records", pk, start=start))`."""
    start: str | None = None
    while True:
        page = read(start)
        yield from page.items
        if page.next is None:
            return
        start = page.next


@dataclass(frozen=True)
class Message:
    """One message to send. `group` and `deduplication` are used by FIFO queues only."""

    body: str
    group: str = ""
    deduplication: str = ""
    delay: int = 0  # seconds, 0-900; standard queues only


class QueueRefused(Exception):
    """The queue did not take a message; nothing is stored there."""


class Queues(Protocol):
    """The pair's queues by short name: "events", "live", "bulk", "jobs", "delay"."""

    def send(self, queue: str, messages: Sequence[Message]) -> Sequence[str]:
        """Sends all (in batches of ten) and answers their message ids in order. Raises QueueRefused."""
        ...


class Bodies(Protocol):
    """Large or raw content in the bucket."""

    def put(self, key: str, content: bytes, content_type: str = "application/octet-stream") -> None:
        """Stores content; the same key overwrites."""
        ...

    def get(self, key: str) -> bytes:
        """The content; raises KeyError when there is none."""
        ...


@dataclass(frozen=True)
class Secret:
    """A secret's current and previous text (rotation accepts both) and the current version's id."""

    current: str
    previous: str | None = None
    version: str = ""

    def __repr__(self) -> str:
        return f"Secret(version={self.version!r})"


class Secrets(Protocol):
    """Secrets by short name, `<connection>/<system>` or `<connection>/<system>/token`."""

    def read(self, name: str) -> Secret | None:
        """Current and previous version, or None when there is no such secret."""
        ...

    def write(self, name: str, text: str) -> str:
        """Stores a new current version (creating the secret), answers its version id once durable."""
        ...


class Alerts(Protocol):
    """Tells a person."""

    def send(self, subject: str, text: str) -> None:
        """Publishes one alert. `subject` at most 100 characters, no personal data."""
        ...
