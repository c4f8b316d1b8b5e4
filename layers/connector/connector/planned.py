"""The promise of a plan, kept on a record: the Ledger writes what was planned or nothing.

`apply` leaves it together with the sighting that it makes. It counts for the work on that very sighting: whatever is
heard of the record later is worked on by the usual rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connector.effect import Draft
from connector.intent import fingerprint
from connector.record import Record

PLAN = "plan"
"""Where the promise stands among the record's links."""


def promise(record: Record, effect: str, key: str, print_then: str, follows: Sequence[str]) -> dict[str, Any]:
    """The promise for the sighting that is made next."""
    return {
        "effect": effect, "key": key, "fingerprint": print_then, "follows": list(follows), "seen": record.seen + 1,
    }


def deviation(record: Record, effect: str, key: str, draft: Draft) -> str:
    """Why a write is not the planned one; empty when it is, or when nothing was promised for this sighting."""
    plan = record.links.get(PLAN)
    if not plan or int(plan["seen"]) != record.seen or effect in plan["follows"]:
        return ""
    if (effect, key) != (plan["effect"], plan["key"]):
        return f"the plan was {plan['effect']} {plan['key']}, now it would be {effect} {key}"
    if fingerprint(draft) != plan["fingerprint"]:
        return f"the source has changed since the plan was made, so {effect} {key} would be another one"
    return ""
