"""The closed set of endings of one piece of work.

`connector.settle` is the one place that turns an Outcome into queue action, record state, audit line and metric.
Exceptions are for bugs and for `VendorFault`, which crosses layers; expected situations are values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Done:
    """The other side now holds what it should. `reference` names it there, e.g. {"order_id": 337200001}."""

    reference: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""


@dataclass(frozen=True)
class Same:
    """Nothing to do: the other side already holds it, or the record asks for nothing."""

    text: str = ""


@dataclass(frozen=True)
class Later:
    """Parked until `at`: quota, outage, a running operation, somebody else's lease. Costs no receive count.

    `planned`: the work got as far as it could and waits on purpose, so that the next trouble is its first.
    `trouble`: the vendor whose own fault is the reason; such waits end at a person (`connector.patience`).
    """

    at: datetime
    why: str
    planned: bool = False
    trouble: str = ""


@dataclass(frozen=True)
class Missing:
    """What a held record waits for: `kind` names a mapping table or an entity, `value` the absent key."""

    kind: str
    value: str

    def key(self, connection: str) -> str:
        """The index key under which everything that waits for this is found."""
        return f"{connection}#{self.kind}={self.value}"


@dataclass(frozen=True)
class Held:
    """Waits for a person or for `missing`; continues by itself when every missing key has appeared."""

    why: str
    missing: tuple[Missing, ...] = ()


@dataclass(frozen=True)
class Refused:
    """The vendor, or a rule of ours, said a clear no. Repeating it unchanged is pointless; replay after a fix."""

    why: str


@dataclass(frozen=True)
class Unknown:
    """A write may or may not have happened. It is asked again at `at`; it is never sent again before that.

    `trouble`: as for `Later`.
    """

    why: str
    at: datetime
    trouble: str = ""


Outcome = Done | Same | Later | Held | Refused | Unknown
"""Every ending there is."""
