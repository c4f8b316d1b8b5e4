"""Who told first, webhook or poll: the miss rate of webhooks, from the trail of the records."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from cli.pairs import connection_named, senders_of
from connector.audit import line_from_item
from connector.instants import day_text
from connector.ports import Item, pages
from connector.record import split_record_id
from connector.services import Services

LOOKED_AT = 20_000
"""Lines of a day that are looked at; a busy day has more than anybody wants to wait for."""

EVENTS = 2000


@dataclass(frozen=True)
class Heard:
    """News of one stream by who told first. `topics`: what rang for it. `cut`: not everything was looked at."""

    stream: str
    by_webhook: int
    by_poll: int
    topics: tuple[str, ...]
    cut: bool = False

    @property
    def missed(self) -> float | None:
        """Percent of the news that a poll had to find; None without news."""
        total = self.by_webhook + self.by_poll
        return round(100 * self.by_poll / total, 1) if total else None


def first_heard(services: Services, connection: str, days: int) -> list[Heard]:
    """One row per stream that webhooks ring for, or that anything was heard of, over the last days (UTC, with today).

    A poll that comes a moment before the webhook counts for the poll, so a flow that is polled every minute never
    shows zero. What a webhook has told first is not news to the next poll any more.
    """
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    cut = False
    for offset in range(days):
        day = day_text(services.clock() - timedelta(days=offset))
        seen = 0
        for item in islice(_lines(services, day), LOOKED_AT):
            seen += 1
            _count(counts, connection, item)
        cut = cut or seen == LOOKED_AT
    topics = _topics(services, connection)
    streams = sorted({*counts, *topics})
    return [
        Heard(stream, counts[stream]["webhook"], counts[stream]["poll"], tuple(sorted(topics.get(stream, ()))), cut)
        for stream in streams
    ]


def _lines(services: Services, day: str) -> Iterator[Item]:
    return pages(lambda start: services.tables.query_index("audit", "by_day", day, start=start))


def _count(counts: dict[str, Counter[str]], connection: str, item: Item) -> None:
    """Counts a line that says what was heard; those are the ones that name a revision."""
    if item.get("connection") != connection:
        return
    line = line_from_item(item)
    if "revision" in line.data and line.data.get("cause") in ("webhook", "poll"):
        counts[split_record_id(line.record)[1]][str(line.data["cause"])] += 1


def _topics(services: Services, connection: str) -> dict[str, set[str]]:
    """Which topics have rung for which stream, by the events that are kept."""
    pair, _ = connection_named(services, connection)
    found: dict[str, set[str]] = defaultdict(set)
    for sender in senders_of(pair.name):
        for item in islice(_events(services, f"{connection}/{sender}"), EVENTS):
            for record in filter(None, str(item.get("result", "")).split(", ")):
                if item.get("status") == "done" and record.startswith(f"{connection}/"):
                    found[split_record_id(record)[1]].add(str(item.get("topic", "")) or sender)
    return found


def _events(services: Services, pk: str) -> Iterator[Item]:
    return pages(lambda start: services.tables.query("events", pk, start=start))


def plain_heard(heard: Heard) -> dict[str, object]:
    """The row as JSON values."""
    return {
        "stream": heard.stream, "by_webhook": heard.by_webhook, "by_poll": heard.by_poll,
        "missed_percent": heard.missed, "topics": list(heard.topics), "cut": heard.cut,
    }  # fmt: skip
