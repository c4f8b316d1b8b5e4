"""The write that costs money: one label per shipment and revision, bought once, found again when its answer was lost.

UPS knows no idempotency key and cannot prove that a label was *not* bought: what is not found goes to a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NoReturn

from connector.effect import Draft, Effect, Found, Reference, Repeat
from connector.faults import FaultKind, VendorFault
from connector.transport import Reply
from vendors.ups.client import Ups
from vendors.ups.drafts import Money
from vendors.ups.faults import VENDOR
from vendors.ups.requests import packages_in
from vendors.ups.shapes import LabelRecovery, Recovery, ShipResult, Standing, TrackResult, read_ship

LABEL = "ups.label"
SETTLE = timedelta(minutes=2)
"""How soon a new label can be recovered is not published; a label that is there sooner is found by the first look."""

BACK, AHEAD = timedelta(days=31), timedelta(days=8)
"""Pickup dates that are searched; UPS takes a ship date of up to seven days ahead."""


def label_effect(ups: Ups, search: Search, body: Mapping[str, Any]) -> Effect:
    """Buys the label of `body`. Its answer is read against the number of packages that were asked for."""
    packages = packages_in(dict(body))

    def make(key: str, draft: Draft) -> Reply:
        return ups.ship(draft.body)

    def read(reply: Reply) -> Reference:
        return reference_of(read_ship(reply, packages))

    return Effect(LABEL, "UPS", Repeat.BLIND, SETTLE, search.find, make, read)


def reference_of(result: ShipResult) -> dict[str, Any]:
    """What the Ledger keeps of a bought shipment; labels are in the stored answer."""
    return {
        "shipment_id": result.shipment_id,
        "numbers": list(numbers_in_request_order(result)),
        **_cost(result.cost),
    }


def _cost(cost: Money | None) -> dict[str, str]:
    return {"cost": f"{cost.amount:f}", "currency": cost.currency} if cost is not None else {}


def numbers_in_request_order(result: ShipResult) -> tuple[str, ...]:
    """The 1Z of each package as it was asked for.

    UPS does not promise an order and echoes no id of ours. But the shipment's own number is that of its first package:
    where it comes last, the list is turned round.
    """
    numbers = result.tracking_numbers
    if numbers[0] != result.shipment_id and numbers[-1] == result.shipment_id:
        return numbers[::-1]
    return numbers


@dataclass
class Search:
    """Looks for a label that may have been bought under a reference.

    known: 1Z numbers of earlier labels for the same shipment, which were voided. `evidence`: set when UPS's answers
    prove that there is something which cannot be adopted; then a person decides.
    """

    ups: Ups
    reference: str
    packages: int
    known: frozenset[str]
    now: datetime
    evidence: str = ""

    def find(self, key: str) -> Found | None:
        """The label, None when UPS shows none. Raises VendorFault, also where what is found cannot be adopted."""
        recovery = self.ups.recover_by_reference(self.reference)
        numbers = self._recovered(recovery)
        if numbers:
            return self._adoptable(numbers, recovery.shipment_id or numbers[0])
        if recovery.verdict is Recovery.VOIDED and not self.known:
            self._stop(f"the only shipment with reference {self.reference} at UPS was voided ({recovery.code})")
        tracked = self._tracked()
        if tracked:
            return self._adoptable(tracked, "")
        if recovery.verdict is Recovery.EXISTS:
            self._unclear(f"label recovery says of reference {self.reference}: {recovery.text} ({recovery.code})")
        return None

    def _recovered(self, recovery: LabelRecovery) -> tuple[str, ...]:
        """The numbers of the one shipment that carries the reference and is not one of ours from before."""
        if recovery.verdict is Recovery.CANDIDATES:
            others = [number for number in recovery.candidates if number not in self.known]
            if len(others) > 1:
                self._stop(f"{len(others)} shipments carry reference {self.reference}: {', '.join(others)}")
            return tuple(others)
        if recovery.verdict is not Recovery.FOUND or recovery.shipment_id in self.known:
            return ()
        return tuple(label.tracking_number for label in recovery.labels)

    def _tracked(self) -> tuple[str, ...]:
        today = self.now.date()
        found = self.ups.track_by_reference(self.reference, today - BACK, today + AHEAD)
        return self._alive(found, exactly=True)

    def _alive(self, found: TrackResult, *, exactly: bool) -> tuple[str, ...]:
        return tuple(
            package.tracking_number
            for package in found.packages
            if package.standing is not Standing.VOIDED
            and package.tracking_number not in self.known
            and (not exactly or not package.references or self.reference in package.references)
        )

    def _adoptable(self, numbers: tuple[str, ...], shipment_id: str) -> Found:
        """Completes the list from the shipment's own tracking, and makes sure that it is the shipment asked for."""
        if len(numbers) < self.packages:
            whole = self._alive(self.ups.track_shipment(numbers[0]), exactly=False)
            numbers = whole if len(whole) > len(numbers) else numbers
        if len(numbers) != self.packages:
            self._stop(
                f"UPS holds {', '.join(numbers)} under reference {self.reference}, {len(numbers)} packages instead of "
                f"{self.packages}"
            )
        first = shipment_id or self._lead(numbers)
        ordered = (first, *(number for number in numbers if number != first)) if first in numbers else numbers
        return Found({"shipment_id": first, "numbers": list(ordered), "found": "by reference"})

    def _lead(self, numbers: tuple[str, ...]) -> str:
        """The number that voids the shipment: that of the first package, which label recovery may tell."""
        recovery = self.ups.recover_label(numbers[0])
        if recovery.verdict is Recovery.FOUND and recovery.shipment_id in numbers:
            return recovery.shipment_id
        return min(numbers)  # UPS numbers the packages of a shipment upwards

    def _stop(self, evidence: str) -> NoReturn:
        self.evidence = evidence
        self._unclear(evidence)

    def _unclear(self, text: str) -> NoReturn:
        raise VendorFault(VENDOR, FaultKind.UNAVAILABLE, text)
