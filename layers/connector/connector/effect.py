"""A write to a vendor, described so that the Ledger can make it exactly once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from connector.transport import Reply

Reference = Mapping[str, Any]
"""Names the thing at the vendor, as small plain JSON: {"order_id": 337200001}."""


class Repeat(StrEnum):
    """How a write whose answer was lost can be asked again."""

    UPSERT = "upsert"  # sending it again changes nothing: it may simply be repeated
    FINDABLE = "findable"  # the vendor can be asked by key; absence, seen twice after the settle delay, is proof
    BLIND = "blind"  # the vendor cannot prove absence: what is not found goes to a person


@dataclass(frozen=True)
class Draft:
    """What shall be written: `body` as plain JSON in the vendor's own terms.

    `identity` is the part that must stay the same once written; a later draft with another identity is a change,
    never a second create. Empty means: the whole body.
    """

    body: Mapping[str, Any]
    identity: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Found:
    """Something the vendor holds under our key."""

    reference: Reference
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Pending:
    """The vendor took the write and works on it; ask `check(operation)` again after `after`."""

    operation: str
    after: timedelta


def no_differences(found: Found, draft: Draft) -> Sequence[str]:
    """For effects whose key alone decides that two things are the same (a status, a cancellation)."""
    return ()


@dataclass(frozen=True)
class Effect:
    """One kind of write. `key` below is the deterministic idempotency key, stamped at the vendor where it can be.

    find(key): what the vendor holds under the key, or None. Raises VendorFault.
    make(key, draft): sends the write once and answers the raw reply. Raises VendorFault.
    read(reply): parses a good reply. Any exception here means "unreadable": the raw reply is kept, the write Unknown.
    differences(found, draft): what differs between the vendor's and ours, in plain words; empty means adopt.
    check(operation): the state of a Pending write. Raises VendorFault when it failed.
    settle: how long the vendor may need until its own lists show a write.
    """

    name: str
    system: str
    repeat: Repeat
    settle: timedelta
    find: Callable[[str], Found | None]
    make: Callable[[str, Draft], Reply]
    read: Callable[[Reply], Reference | Pending]
    differences: Callable[[Found, Draft], Sequence[str]] = no_differences
    check: Callable[[str], Reference | Pending] | None = None
