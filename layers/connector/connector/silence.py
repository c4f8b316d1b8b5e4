"""Webhooks that have fallen silent: polls find what webhooks used to tell.

Nothing is lost then, but everything comes late, and no sender says that it has given up. Silence alone means little (a
night without orders), so it is measured only when a poll finds news: since when has no webhook told of this? A poll of
every minute often finds news a moment before its webhook comes. So its news wait for a fair time first, in the memory
of the poll, and a webhook that comes meanwhile settles the matter.

State table, pk `webhook/<connection>/<stream>`, sk `-` (whatever rang for the stream) or the topic: {at}.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from connector.instants import instant_text, parse_instant
from connector.services import Services

PACE = timedelta(minutes=5)
"""How often one process notes that webhooks arrive; each of a thousand would be a write for nothing."""

FAIR = timedelta(minutes=5)
"""How long after a poll's sighting a webhook may still come: senders deliver within seconds, queues add theirs."""

ANY = "-"
"""Stands for the topic where a poll's row does not say which webhook should have told of it."""


def rung(services: Services, connection: str, stream: str, topic: str = "") -> None:
    """Notes that a webhook has told of this stream."""
    key, now = ("rung", connection, stream, topic), services.clock()
    before = services.memory.get(key)
    if before is not None and timedelta(0) <= now - before < PACE:
        return
    for name in dict.fromkeys((topic or ANY, ANY)):
        services.tables.put("state", {"pk": f"webhook/{connection}/{stream}", "sk": name, "at": instant_text(now)})
    services.memory[key] = now


def silent_for(services: Services, connection: str, stream: str, topic: str = ANY) -> float | None:
    """Seconds since a webhook told of this stream (by this topic); None where none ever did."""
    item = services.tables.get("state", f"webhook/{connection}/{stream}", topic)
    if item is None:
        return None
    return max(0.0, (services.clock() - parse_instant(str(item["at"]))).total_seconds())


def judged(
    services: Services, connection: str, stream: str, waiting: Mapping[str, str], news: Iterable[str]
) -> tuple[dict[str, str], list[float]]:
    """What a poll's news say of the webhooks: topics that still have time (topic -> since), and seconds of silence.

    waiting: what the poll before this one answered. news: the topics of what was found now. A webhook that came from
    shortly before its news until now counts as silence 0.
    """
    now = services.clock()
    open_ones = dict(waiting)
    for topic in news:
        open_ones.setdefault(topic, instant_text(now))
    measured = []
    for topic, since in list(open_ones.items()):
        waited = now - parse_instant(since)
        if waited < FAIR:
            continue
        del open_ones[topic]
        silent = silent_for(services, connection, stream, topic)
        if silent is not None:
            came = silent <= (waited + FAIR + PACE).total_seconds()
            measured.append(0.0 if came else silent)
    return open_ones, measured
