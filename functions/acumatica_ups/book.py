"""Which label a shipment has: the newest revision, whether it is bought, unclear or voided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from acumatica_ups.clients import Accounts
from acumatica_ups.purchase import LABEL
from connector.intent import Intent, Stage
from connector.pair import Work

VOID = "ups.void"


@dataclass(frozen=True)
class Label:
    """One revision. `earlier`: every 1Z of the revisions before, all of them voided."""

    revision: int
    key: str
    intent: Intent | None
    void: Intent | None
    earlier: frozenset[str]

    @property
    def bought(self) -> bool:
        """Whether UPS surely holds it, voided or not."""
        return self.intent is not None and self.intent.stage is Stage.DONE

    @property
    def unclear(self) -> bool:
        """Whether it may have been bought: UPS must be asked before anything else is decided."""
        return self.intent is not None and self.intent.stage in (Stage.SENT, Stage.UNKNOWN)

    @property
    def voided(self) -> bool:
        """Whether it was bought and voided."""
        return self.bought and self.void is not None and self.void.stage is Stage.DONE

    @property
    def alive(self) -> bool:
        """Whether it is bought and not voided."""
        return self.bought and not self.voided

    @property
    def reference(self) -> Mapping[str, Any]:
        """Shipment id, numbers, cost."""
        return self.intent.reference if self.intent is not None else {}

    @property
    def shipment_id(self) -> str:
        """The 1Z that voids the shipment."""
        return str(self.reference.get("shipment_id", ""))

    @property
    def numbers(self) -> tuple[str, ...]:
        """The 1Z of every package, in the order of the packages."""
        return tuple(str(number) for number in self.reference.get("numbers", ()))

    @property
    def facts(self) -> Mapping[str, Any]:
        """What it was bought for."""
        found: Mapping[str, Any] = self.intent.identity.get("facts", {}) if self.intent is not None else {}
        return found


def label_key(number: str, revision: int) -> str:
    """The key of a purchase: revisions count the labels that were bought for a shipment one after the other."""
    return f"{number}:{revision}"


def current(work: Work[Accounts]) -> Label:
    """The newest revision. The record may lag behind the intents by a crash, so the next one is looked for too."""
    number = work.record.source_key
    revision = int(work.record.links.get("revision", 0))
    intent = work.ledger.lookup(LABEL, label_key(number, revision))
    while intent is not None and (newer := work.ledger.lookup(LABEL, label_key(number, revision + 1))) is not None:
        intent, revision = newer, revision + 1
    earlier = set()
    for before in range(revision):
        old = work.ledger.lookup(LABEL, label_key(number, before))
        earlier |= set(old.reference.get("numbers", ())) if old is not None else set()
    work.link(revision=revision)
    void = work.ledger.lookup(VOID, str(intent.reference["shipment_id"])) if intent and intent.reference else None
    return Label(revision, label_key(number, revision), intent, void, frozenset(earlier))


def next_revision(number: str, label: Label) -> Label:
    """The revision that follows a voided one, nothing bought yet."""
    revision = label.revision + 1
    return Label(revision, label_key(number, revision), None, None, label.earlier | set(label.numbers))
