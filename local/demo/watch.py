"""Where the records stand, read from the deployed tables as an operator could."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from local.demo.place import Place
from local.sample.connection import NAME

MOVING = ("queued", "waiting", "unknown")
STUCK = ("held", "refused")


@dataclass(frozen=True)
class Seen:
    """One record: its status, and for those that are held the reason."""

    stream: str
    key: str
    status: str
    why: str = ""


@dataclass(frozen=True)
class Sentence:
    """One line of the audit trail. `record`: stream and key, as in `orders/SO/SO000031`."""

    record: str
    text: str


@dataclass(frozen=True)
class View:
    """All records at one moment."""

    records: Sequence[Seen] = ()
    counts: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def stuck(self, stream: str) -> list[Seen]:
        """Those that wait for a person or for something missing."""
        return [it for it in self.records if it.stream == stream and it.status in STUCK]

    def of(self, stream: str, key: str) -> Seen | None:
        """One record."""
        return next((it for it in self.records if it.stream == stream and it.key == key), None)

    def moving(self) -> int:
        """How many are on their way."""
        return sum(number for (_, status), number in self.counts.items() if status in MOVING)

    def all_stuck(self) -> list[Seen]:
        """Everything that waits for a person or for something missing."""
        return [it for it in self.records if it.status in STUCK]


def view_of(records: Sequence[Seen]) -> View:
    """The records, and how many of each stream have which status."""
    return View(records, Counter((it.stream, it.status) for it in records))


class Watch:
    """Reads the tables of one place; only what belongs to one connection is seen."""

    def __init__(self, place: Place, connection: str = NAME, pair: str = "AcumaticaShipbob") -> None:
        self._connection, self._pair = connection, pair
        self._tables = place.cloud.client("dynamodb")
        self._sqs = place.cloud.client("sqs")
        self._names = place.stack.resources
        self._heard = ""

    def look(self) -> View:
        """Every record."""
        return view_of([self._seen(item) for item in self._records()])

    def _records(self) -> Iterator[Mapping[str, Any]]:
        pages = self._tables.get_paginator("scan").paginate(
            TableName=self._names["RecordsTable"],
            FilterExpression="sk = :record AND begins_with(pk, :connection)",
            ProjectionExpression="#stream, source_key, #status",
            ExpressionAttributeNames={"#stream": "stream", "#status": "status"},
            ExpressionAttributeValues={":record": {"S": "record"}, ":connection": {"S": f"{self._connection}/"}},
        )
        for page in pages:
            yield from page["Items"]

    def _seen(self, item: Mapping[str, Any]) -> Seen:
        stream, key, status = (item[name]["S"] for name in ("stream", "source_key", "status"))
        return Seen(stream, key, status, self._why(stream, key) if status in STUCK else "")

    def _why(self, stream: str, key: str) -> str:
        found = self._tables.get_item(
            TableName=self._names["RecordsTable"],
            Key={"pk": {"S": f"{self._connection}/{stream}/{key}"}, "sk": {"S": "record"}},
        )
        return str(json.loads(found["Item"]["data"]["S"])["why"]) if "Item" in found else ""

    def sentences(self, now: datetime) -> list[Sentence]:
        """What was written to the audit trail since the last call, oldest first."""
        found = self._tables.query(
            TableName=self._names["AuditTable"],
            IndexName="by_day",
            KeyConditionExpression="#day = :day AND #at > :heard",
            ExpressionAttributeNames={"#day": "day", "#at": "at"},
            ExpressionAttributeValues={":day": {"S": now.date().isoformat()}, ":heard": {"S": self._heard or "0"}},
        )["Items"]
        if found:
            self._heard = found[-1]["at"]["S"]
        said = [(*item["pk"]["S"].partition("/")[::2], item["text"]["S"]) for item in found]
        return [Sentence(record, text) for connection, record, text in said if connection == self._connection]

    def queued(self) -> int:
        """Messages that are to be worked on now. Parked records count as moving; what else is parked is a copy."""
        return sum(self._depth(f"{self._pair}{name}Queue") for name in ("Events", "Live", "Bulk"))

    def dead_letters(self) -> int:
        """Messages that crashed five times."""
        return sum(self._depth(f"{self._pair}{name}Queue") for name in ("Dead", "DelayDead"))

    def _depth(self, logical: str) -> int:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible",
                 "ApproximateNumberOfMessagesDelayed"]  # fmt: skip
        found = self._sqs.get_queue_attributes(QueueUrl=self._names[logical], AttributeNames=names)["Attributes"]
        return sum(int(found.get(name, 0)) for name in names)
