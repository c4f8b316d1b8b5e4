"""Webhooks that have fallen silent: polls find what webhooks used to tell.

Nothing is lost then, but everything comes late, and no sender says that it has given up. Silence alone means little (a
night without orders), so it is measured only when a poll finds news: since when has no webhook told of this stream?
"""

from __future__ import annotations

from datetime import timedelta

from connector.instants import instant_text, parse_instant
from connector.services import Services

PACE = timedelta(minutes=5)
"""How often one process notes that webhooks arrive; each of a thousand would be a write for nothing."""


def rung(services: Services, connection: str, stream: str) -> None:
    """Notes that a webhook has told of this stream."""
    key, now = ("rung", connection, stream), services.clock()
    before = services.memory.get(key)
    if before is not None and timedelta(0) <= now - before < PACE:
        return
    services.tables.put("state", {"pk": f"webhook/{connection}/{stream}", "sk": "-", "at": instant_text(now)})
    services.memory[key] = now


def silent_for(services: Services, connection: str, stream: str) -> float | None:
    """Seconds since a webhook told of this stream; None where none ever did."""
    item = services.tables.get("state", f"webhook/{connection}/{stream}", "-")
    if item is None:
        return None
    return max(0.0, (services.clock() - parse_instant(str(item["at"]))).total_seconds())
