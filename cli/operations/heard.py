"""What webhooks told and what they missed, by topic: the deliveries that are kept, and the news that polls found."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from cli.pairs import connection_named, senders_of
from connector.audit import line_from_item
from connector.instants import day_text, parse_instant
from connector.ports import Item, pages
from connector.record import split_record_id
from connector.services import Services
from connector.silence import FAIR

LOOKED_AT = 20_000
"""Lines of a day that are looked at; a busy day has more than anybody wants to wait for."""

EVENTS = 20_000

Kept = dict[str, list[tuple[str, datetime]]]
"""Deliveries by record id: topic and time of arrival."""


@dataclass(frozen=True)
class Heard:
    """One topic of one stream. `topic` is empty where no webhook is known to tell of what the polls found.

    by_webhook: deliveries. by_poll: news that a poll found and no webhook told within a fair time. waiting: news that
    are too young to be judged. cut: not everything was looked at.
    """

    stream: str
    topic: str
    by_webhook: int
    by_poll: int
    waiting: int = 0
    cut: bool = False

    @property
    def missed(self) -> float | None:
        """Percent of the news that no webhook told; None without news, and where no webhook could."""
        total = self.by_webhook + self.by_poll
        return round(100 * self.by_poll / total, 1) if total and self.topic else None


@dataclass
class _Counts:
    webhook: Counter[tuple[str, str]] = field(default_factory=Counter)
    poll: Counter[tuple[str, str]] = field(default_factory=Counter)
    waiting: Counter[tuple[str, str]] = field(default_factory=Counter)


def first_heard(services: Services, connection: str, days: int) -> list[Heard]:
    """One row per stream and topic of which anything was heard over the last days (UTC, with today).

    A poll that finds news a moment before their webhook comes is no miss: the webhook has a fair time. Polls say for
    which topics their news stand where the sender has several; else the stream's only topic is meant.
    """
    kept, counts, cut = _kept(services, connection), _Counts(), False
    first = services.clock() - timedelta(days=days - 1)
    topics_of: dict[str, set[str]] = defaultdict(set)
    for record, deliveries in kept.items():
        stream = split_record_id(record)[1]
        topics_of[stream] |= {topic for topic, _ in deliveries}
        recent = [topic for topic, at in deliveries if day_text(at) >= day_text(first)]
        counts.webhook.update((stream, topic) for topic in recent)
    for offset in range(days):
        lines = list(islice(_lines(services, day_text(services.clock() - timedelta(days=offset))), LOOKED_AT))
        cut = cut or len(lines) == LOOKED_AT
        for item in lines:
            _count(services, counts, connection, item, kept, topics_of)
    keys = sorted({*counts.webhook, *counts.poll, *counts.waiting})
    return [Heard(*key, counts.webhook[key], counts.poll[key], counts.waiting[key], cut) for key in keys]


def _lines(services: Services, day: str) -> Iterator[Item]:
    return pages(lambda start: services.tables.query_index("audit", "by_day", day, start=start))


def _count(
    services: Services, counts: _Counts, connection: str, item: Item, kept: Kept, topics_of: dict[str, set[str]]
) -> None:
    """Counts a line that says what a poll found; those are the ones that name a revision."""
    if item.get("connection") != connection:
        return
    line = line_from_item(item)
    if "revision" not in line.data or line.data.get("cause") != "poll":
        return
    stream, at = split_record_id(line.record)[1], parse_instant(line.at)
    deliveries = kept.get(line.record, [])
    named = line.data.get("topics")
    if named is None:  # the row does not say: whatever came for this record at about that time has told it
        if any(abs(arrived - at) <= FAIR for _, arrived in deliveries):
            return
        only = topics_of[stream]
        named = [next(iter(only))] if len(only) == 1 else [""]
    for topic in named:
        if any(told == topic and arrived <= at + FAIR for told, arrived in deliveries):
            continue
        judged = counts.waiting if services.clock() < at + FAIR else counts.poll
        judged[(stream, str(topic))] += 1


def _kept(services: Services, connection: str) -> Kept:
    """Every delivery that rang for a record, by the events that are kept (two weeks)."""
    pair, _ = connection_named(services, connection)
    found: Kept = defaultdict(list)
    for sender in senders_of(pair.name):
        for item in islice(_events(services, f"{connection}/{sender}"), EVENTS):
            for record in filter(None, str(item.get("result", "")).split(", ")):
                if item.get("status") == "done" and record.startswith(f"{connection}/"):
                    topic = str(item.get("topic", "")) or sender
                    found[record].append((topic, parse_instant(str(item["received_at"]))))
    return found


def _events(services: Services, pk: str) -> Iterator[Item]:
    return pages(lambda start: services.tables.query("events", pk, start=start))


def plain_heard(heard: Heard) -> dict[str, object]:
    """The row as JSON values."""
    return {
        "stream": heard.stream, "topic": heard.topic, "by_webhook": heard.by_webhook, "by_poll": heard.by_poll,
        "waiting": heard.waiting, "missed_percent": heard.missed, "cut": heard.cut,
    }  # fmt: skip
