"""When a vendor last gave a connection a good answer: what tells an outage from one damaged thing."""

from __future__ import annotations

from datetime import datetime, timedelta

from connector.instants import instant_text, parse_instant
from connector.services import Services
from connector.transport import Reply

PACE = timedelta(minutes=10)
"""How often one process notes it; each of a thousand answers would be a write for nothing."""


def is_page(reply: Reply) -> bool:
    """Whether a good status came with a web page: a proxy or a maintenance page speaks, not the vendor's service."""
    beginning = reply.body[:200].lstrip().lower()
    return reply.headers.get("content-type", "").lower().startswith("text/html") or beginning.startswith(
        (b"<!doctype html", b"<html")
    )


def answered(services: Services, connection: str, vendor: str) -> None:
    """Notes a good answer. Table `state`, pk `answers/<connection>/<vendor>`, sk `-`."""
    key, now = ("answered", connection, vendor), services.clock()
    before = services.memory.get(key)
    if before is not None and timedelta(0) <= now - before < PACE:
        return
    services.tables.put("state", {"pk": f"answers/{connection}/{vendor}", "sk": "-", "at": instant_text(now)})
    services.memory[key] = now


def last_answer(services: Services, connection: str, vendor: str) -> datetime | None:
    """When the vendor last answered well, to within a few minutes; None when it never did."""
    item = services.tables.get("state", f"answers/{connection}/{vendor}", "-")
    return parse_instant(str(item["at"])) if item is not None else None
