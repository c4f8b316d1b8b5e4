"""An intent: the Ledger's note of one write, under the record it belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from connector.effect import Draft
from connector.ports import Item
from connector.record import from_json, short_hash, to_json


class Stage(StrEnum):
    """How far a write has come. The picture stands in docs/ledger.md."""

    PLANNED = "planned"  # surely not sent
    SENT = "sent"  # the bytes may have left; seen by another process only after a crash
    PENDING = "pending"  # the vendor took it and works on it
    UNKNOWN = "unknown"  # may have happened; must be asked
    DONE = "done"
    REFUSED = "refused"  # the vendor said no


@dataclass(frozen=True)
class Intent:
    """One intended write. Times are instant texts, "" where not yet."""

    record: str
    effect: str
    key: str
    stage: Stage
    fingerprint: str
    draft: Mapping[str, Any]
    identity: Mapping[str, Any] = field(default_factory=dict)
    version: int = 0
    holder: str = ""
    lease_until: str = ""
    planned_at: str = ""
    sent_at: str = ""
    asked_at: str = ""
    absences: int = 0
    attempts: int = 0
    operation: str = ""
    pending_since: str = ""
    reference: Mapping[str, Any] = field(default_factory=dict)
    answer: str = ""  # the raw answer, or `s3:<key>` where it is large
    why: str = ""

    @property
    def sort_key(self) -> str:
        """The item's sort key."""
        return intent_key(self.effect, self.key)


def intent_key(effect: str, key: str) -> str:
    """The sort key of an intent."""
    return f"intent#{effect}#{key}"


def fingerprint(draft: Draft) -> str:
    """What tells whether two drafts mean the same write."""
    return short_hash(to_json(draft.identity or draft.body))


_DATA = (
    "draft",
    "identity",
    "planned_at",
    "sent_at",
    "asked_at",
    "absences",
    "attempts",
    "operation",
    "pending_since",
    "reference",
    "answer",
    "why",
    "holder",
)


def intent_item(intent: Intent) -> Item:
    """The intent as a table item."""
    return {
        "pk": intent.record,
        "sk": intent.sort_key,
        "effect": intent.effect,
        "key": intent.key,
        "stage": intent.stage.value,
        "fingerprint": intent.fingerprint,
        "version": intent.version,
        "lease_until": intent.lease_until,
        "data": to_json({name: getattr(intent, name) for name in _DATA}),
    }


def intent_from_item(item: Item) -> Intent:
    """Reads a stored intent."""
    data = from_json(str(item["data"]))
    return Intent(
        record=str(item["pk"]),
        effect=str(item["effect"]),
        key=str(item["key"]),
        stage=Stage(str(item["stage"])),
        fingerprint=str(item["fingerprint"]),
        version=int(item["version"]),
        lease_until=str(item["lease_until"]),
        **{name: data[name] for name in _DATA},
    )
