"""Which webhooks have told of a record, or should have: kept in its links, the new ones in its trail.

A poll's row names the topics that tell of what it shows; a webhook's sighting names its own. What is new for the record
and was found by a poll is what no webhook has told (yet).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

TOLD = "told"

Links = Mapping[str, Any]


def told_links(links: Links, topics: Sequence[str]) -> dict[str, list[str]]:
    """What is added to the links of a record that is heard of."""
    return {TOLD: sorted({*links.get(TOLD, ()), *topics})} if topics else {}


def new_topics(links: Links, topics: Sequence[str]) -> list[str]:
    """Those of which the record has not heard yet."""
    return sorted(set(topics) - set(links.get(TOLD, ())))


def told_facts(links: Links, topics: Sequence[str]) -> dict[str, list[str]]:
    """The same as facts of an audit line."""
    new = new_topics(links, topics)
    return {"topics": new} if new else {}
