"""The client of one UPS account: labels, voids, recovery, tracking, address validation, rates, Track Alert.

Reads answer parsed shapes. Writes answer the raw `Reply`, because the Ledger stores it before anybody parses it; read
them with `read_ship` and `read_void`. Every call raises `VendorFault`. Bodies come from `vendors.ups.requests`.
Above each call stands the page of UPS's developer portal and the limit that matters.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

from connector.faults import FaultKind, VendorFault
from connector.transport import Reply, Request, Transport
from vendors.ups.calls import Calls, invalid, new_trace, one
from vendors.ups.codec.numbers import is_tracking_number, tidy_number
from vendors.ups.requests import (
    Destination,
    recovery_by_number,
    recovery_by_reference,
    reference_problem,
    subscription,
    subscription_batches,
)
from vendors.ups.requests.others import RecoveryFormat
from vendors.ups.settings import UpsSystem
from vendors.ups.shapes import (
    UNCOVERED,
    AddressVerdict,
    LabelRecovery,
    Rates,
    Subscription,
    TrackResult,
    Transit,
    parse_address,
    parse_rates,
    parse_recovery,
    parse_subscription,
    parse_track,
    parse_transit,
)
from vendors.ups.shapes.tracking import NOTHING
from vendors.ups.times import day_form

PACKAGES_PER_VOID = 20
PACKAGES_PER_PAGE = 50
MOST_PACKAGES = 200
CANDIDATES = 5


@dataclass(frozen=True)
class Ups:
    """One account. `trace` makes the id that UPS's support asks for, a new one for every call."""

    transport: Transport
    system: UpsSystem
    release: Callable[[], None] = lambda: None
    trace: Callable[[], str] = new_trace

    def ready(self) -> None:
        """Raises VendorFault(BUDGET) if no call could go out now: asked before work that needs another vendor too."""
        self.transport.ready()

    def armed(self) -> None:
        """Gets everything that the next call needs, the token too. Raises VendorFault; nothing was sent.

        Asked right before a purchase is noted as sent: what can fail or die between that note and the bytes would leave
        a purchase that nobody can tell about.
        """
        self.transport.ready()
        if self.transport.authorizer is not None:
            self.transport.authorizer.apply(Request("GET", self.system.host, "sign-in"))

    def close(self) -> None:
        """Ends the piece of work: gives back what the account's budget holds for it."""
        self.release()

    @property
    def calls(self) -> Calls:
        """For calls that have no method here."""
        return Calls(self.transport, self.system, self.trace)

    # ---- labels

    def ship(self, body: Mapping[str, Any]) -> Reply:
        """Shipping: buys the label. No idempotency key exists: every accepted call is a new billable shipment.

        `body` is that of `ship_request`; read the reply with `read_ship(reply, packages_in(body))`.
        """
        query = [("additionaladdressvalidation", "city")] if self.system.check_city else []
        path = f"shipments/{self.system.ship_version}/ship"
        return self.calls.write("POST", path, "buy label", body, query, self.system.ship_timeout_seconds)

    def void(self, shipment_id: str, packages: Sequence[str] = ()) -> Reply:
        """Void: the whole shipment, or up to 20 of its packages. Safe to repeat: already voided is a good answer.

        Read the reply with `read_void`. 190102 (not found in the allowed period) is VendorFault(NOT_FOUND).
        """
        purpose = "void shipment" if not packages else "void packages"
        numbers = [self._one_z(number, purpose) for number in packages]
        if len(numbers) > PACKAGES_PER_VOID:
            raise invalid(purpose, f"{len(numbers)} packages at once, UPS takes {PACKAGES_PER_VOID}")
        listed = numbers[0] if len(numbers) == 1 else json.dumps(numbers, separators=(",", ":"))
        path = f"shipments/{self.system.void_version}/void/cancel/{self._one_z(shipment_id, purpose)}"
        return self.calls.write("DELETE", path, purpose, query=[("trackingnumber", listed)] if numbers else [])

    def recover_label(self, tracking_number: str, form: RecoveryFormat | None = None) -> LabelRecovery:
        """Label Recovery by 1Z, for reprints and lost answers; the connection's format unless another is asked for."""
        number = self._one_z(tracking_number, "recover label")
        return self._recover(recovery_by_number(number, self.system, form))

    def recover_by_reference(self, reference: str, form: RecoveryFormat | None = None) -> LabelRecovery:
        """Label Recovery by our reference and the account. NOT_FOUND is no proof that nothing was bought."""
        problem = reference_problem(reference)
        if problem is not None:
            raise invalid("recover label by reference", f"the reference {problem}")
        return self._recover(recovery_by_reference(reference, self.system, form))

    def _recover(self, body: Mapping[str, Any]) -> LabelRecovery:
        purpose = "recover label"
        reply = self.calls.ask(f"labels/{self.system.recovery_version}/recovery", purpose, body)
        return self.calls.read(reply, purpose, parse_recovery)

    # ---- tracking

    def track(self, number: str, *, signature: bool = False, proof: bool = False) -> TrackResult:
        """Tracking, details: one number a call, kept for 120 days. Not known to UPS: `found` is False."""
        tidy, purpose = tidy_number(number), "track parcel"
        if not 7 <= len(tidy) <= 34:
            raise invalid(purpose, "a tracking number has 7 to 34 characters")
        query = [("locale", self.system.locale), ("returnSignature", _said(signature))]
        query += [("returnMilestones", "false"), ("returnPOD", _said(proof))]
        return self._track(f"track/v1/details/{one(tidy)}", purpose, query)

    def track_by_reference(self, reference: str, since: date, until: date) -> TrackResult:
        """Tracking, reference: parcels of this account with our reference, picked up in these days.

        Whether a parcel that was never scanned is found is not documented: not found is no proof.
        """
        purpose, problem = "track by reference", reference_problem(reference)
        if problem is not None:
            raise invalid(purpose, f"the reference {problem}")
        query = [
            ("locale", self.system.locale),
            # Without both, UPS looks back 14 days only and older parcels vanish.
            ("fromPickUpDate", day_form(since)),
            ("toPickUpDate", day_form(until)),
            ("refNumType", "SmallPackage"),
            # References are not unique across accounts.
            ("shipperNum", self.system.account_number),
        ]
        return self._track(f"track/v1/reference/details/{one(reference)}", purpose, query)

    def track_shipment(self, number: str) -> TrackResult:
        """Tracking, shipment details: all packages of the shipment that this 1Z belongs to, 50 a call."""
        path = f"track/v1/shipment/details/{one(self._one_z(number, 'track shipment'))}"
        whole = NOTHING
        for offset in range(0, MOST_PACKAGES, PACKAGES_PER_PAGE):
            page = self._page(path, offset)
            known = {package.tracking_number for package in whole.packages}
            news = tuple(package for package in page.packages if package.tracking_number not in known)
            whole = replace(page, packages=whole.packages + news)
            stated = max((package.packages_in_shipment or 0 for package in whole.packages), default=0)
            if not news or len(whole.packages) >= stated:
                break
        return whole

    def _page(self, path: str, offset: int) -> TrackResult:
        query = [("locale", self.system.locale), ("offset", str(offset)), ("count", str(PACKAGES_PER_PAGE))]
        return self._track(path, "track shipment", query)

    def _track(self, path: str, purpose: str, query: Sequence[tuple[str, str]]) -> TrackResult:
        try:
            reply = self.calls.get(path, purpose, query)
        except VendorFault as fault:
            if fault.kind is FaultKind.NOT_FOUND:  # seldom: usually a warning inside a 200
                return NOTHING
            raise
        return self.calls.read(reply, purpose, parse_track)

    # ---- addresses and prices

    def validate_address(self, body: Mapping[str, Any]) -> AddressVerdict:
        """Address Validation, option 3: validity and residential or commercial. Streets in US and PR only.

        `body` is that of `xav_request`. Remember the answer under `address_key`; ask only where `is_covered`.
        """
        purpose = "validate address"
        query = [("regionalrequestindicator", "False"), ("maximumcandidatelistsize", str(CANDIDATES))]
        path = f"addressvalidation/{self.system.address_version}/3"
        try:
            reply = self.calls.ask(path, purpose, body, query)
        except VendorFault as fault:
            if fault.kind is FaultKind.UNSUPPORTED_QUERY:
                return UNCOVERED
            raise
        return self.calls.read(reply, purpose, parse_address)

    def rates(self, body: Mapping[str, Any]) -> Rates:
        """Rating: `Rate` where the body names a service, else `Shop`; with delivery times where it asks for them."""
        shipment = body["RateRequest"]["Shipment"]
        option = "Rate" if "Service" in shipment else "Shop"
        option += "timeintransit" if "DeliveryTimeInformation" in shipment else ""
        purpose = "ask rates"
        return self.calls.read(
            self.calls.ask(f"rating/{self.system.rate_version}/{option}", purpose, body), purpose, parse_rates
        )

    def time_in_transit(self, body: Mapping[str, Any]) -> Transit:
        """Time in Transit. An ambiguous place (206) is answered by places to choose from."""
        purpose = "ask time in transit"
        reply = self.calls.ask(f"shipments/{self.system.transit_version}/transittimes", purpose, body)
        return self.calls.read(reply, purpose, parse_transit)

    # ---- Track Alert

    def subscribe(self, numbers: Iterable[str], destination: Destination | None = None) -> Iterator[Subscription]:
        """Track Alert: subscribes for 14 days, 100 numbers a call, one result per call: keep each before the next.

        Safe to repeat; repeating renews. Numbers that UPS could not take come first, as invalid, without a call.
        `destination` for v1 only. Raises ValueError when it does not suit the version.
        """
        batches, unfit = subscription_batches(numbers)
        bodies = [(batch, subscription(batch, self.system, destination)) for batch in batches]
        return self._subscribe(bodies, unfit)

    def _subscribe(
        self, bodies: Sequence[tuple[list[str], dict[str, Any]]], unfit: list[str]
    ) -> Iterator[Subscription]:
        if unfit:
            yield Subscription((), tuple(unfit), ())
        purpose = "subscribe to scans"
        version, kind = self.system.track_alert, self.system.track_alert_type
        for batch, body in bodies:
            reply = self.calls.write("POST", f"track/{version}/subscription/{kind}/package", purpose, body)
            yield self.calls.read(reply, purpose, partial(parse_subscription, asked=batch))

    def _one_z(self, number: str, purpose: str) -> str:
        tidy = tidy_number(number)
        if not is_tracking_number(tidy):
            raise invalid(purpose, "this is no 1Z number")
        return tidy


def _said(value: bool) -> str:
    return "true" if value else "false"
