"""The UPS client against the strict simulator: what it buys, finds again, voids, tracks and subscribes to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from connector.faults import Executed, FaultKind, VendorFault
from local.simulators.base import Fault
from local.simulators.ups import DEFAULT_CLIENT, Switches, UpsSimulator
from tests.support.wire import SimulatorWire
from tests.support.world import World
from tests.unit.ups_samples import CANADA, GERMANY, NEW_YORK, built, draft, system
from vendors.ups.client import Ups
from vendors.ups.codec.numbers import has_good_check_digit
from vendors.ups.drafts import Customs, Money, Parcel, Product, ShipDraft, Signature
from vendors.ups.open import open_ups
from vendors.ups.requests import (
    Destination,
    packages_in,
    rate_request,
    ship_request,
    transit_request,
    xav_request,
)
from vendors.ups.shapes import (
    Classification,
    Recovery,
    ShipResult,
    Standing,
    Validity,
    parse_push,
    read_ship,
    read_void,
)

BASE = "http://127.0.0.1:7004"
MONDAY = datetime(2026, 7, 13, 20, 58, 30, tzinfo=UTC)
SHIP = "POST /api/shipments"
VALUE = Money(Decimal(250), "USD")
CUSTOMS = Customs(
    "INV-000123", date(2026, 7, 13), "USD", (Product("Steel screws", Decimal(100), Decimal("2.50"), "US", "7318.15"),)
)


class Bench:
    """One account at the simulator and one connection to it."""

    def __init__(self, switches: Switches | None = None, **changes: Any) -> None:
        self.world = World(start=MONDAY, pair="acumatica_ups")
        self.simulator = UpsSimulator(self.world.clock, switches=switches)
        self.system = system(base_url=BASE, **changes)
        secret = {"client_id": DEFAULT_CLIENT.id, "client_secret": DEFAULT_CLIENT.secret}
        self.world.secrets.write("demo/ups", json.dumps(secret))
        self.ups = self.open()

    def open(self, lane: str = "live") -> Ups:
        wire = SimulatorWire({7004: self.simulator})
        return open_ups(self.world.services, "demo", self.system, lane=lane, holder="demo/labels/000123", wire=wire)

    def switch(self, **values: Any) -> None:
        self.simulator.command("set", values)

    def command(self, act: str, /, **arguments: Any) -> Any:
        return self.simulator.command(act, arguments)

    def body(self, wanted: ShipDraft) -> dict[str, Any]:
        return built(ship_request(wanted, self.system))

    def buy(self, wanted: ShipDraft | None = None) -> ShipResult:
        body = self.body(wanted or draft())
        return read_ship(self.ups.ship(body), packages_in(body))

    @property
    def labels(self) -> list[dict[str, Any]]:
        held: list[dict[str, Any]] = self.simulator.holdings()["labels"]
        return held

    def paths(self) -> list[str]:
        return [f"{call.method} {call.path}" for call in self.simulator.calls]


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture(autouse=True)
def _nothing_unknown(request: pytest.FixtureRequest) -> Any:
    """UPS ignores unknown members silently; the strict simulator writes them down."""
    yield
    found = request.node.funcargs.get("bench")
    if found is not None:
        assert found.simulator.strict_violations == []


# --- buying


def test_two_packages_are_bought_once_with_our_numbers_on_them(bench: Bench) -> None:
    result = bench.buy()
    held = bench.labels
    assert result.tracking_numbers == tuple(label["tracking_number"] for label in held)
    assert result.shipment_id == held[0]["shipment_id"]
    assert all(has_good_check_digit(number) for number in result.tracking_numbers)
    wanted = [
        {"code": "TN", "value": "000123", "level": "package"},
        {"code": "PO", "value": "SO004567", "level": "package"},
    ]
    assert [label["references"] for label in held] == [wanted, wanted]
    assert held[0]["customer_context"] == result.context == "acu-shp-000123"
    assert [package.label.form for package in result.packages if package.label] == ["ZPL", "ZPL"]
    assert result.cost is not None
    assert result.cost == result.negotiated
    assert result.cost.amount == sum(Decimal(label["cost"]) for label in held)
    assert result.published is not None
    assert result.published.amount > result.cost.amount
    assert result.notes == ()


def test_without_eligibility_the_published_price_and_a_warning(bench: Bench) -> None:
    bench.command("set_negotiated", account="A1B2C3", eligible=False)
    result = bench.buy()
    assert result.negotiated is None
    assert result.lacks_negotiated_rates
    assert result.cost == result.published


@pytest.mark.parametrize(
    ("wanted", "level"),
    [
        (draft(signature=Signature.ADULT), "package"),
        (draft(service="14"), "package"),
        (draft(ship_to=CANADA, service="11", goods_value=VALUE, customs=CUSTOMS), "shipment"),
        (draft(ship_to=CANADA, service="11", documents_only=True, goods_value=VALUE), "shipment"),
        (draft(ship_to=GERMANY, service="65", customs=CUSTOMS, signature=Signature.SIGNATURE), "shipment"),
        (
            draft(
                ship_to=replace(NEW_YORK, address=replace(
                    NEW_YORK.address, city="San Juan", state="PR", postal_code="00901")),
                service="02", goods_value=VALUE,
            ),
            "shipment",
        ),
    ],
)  # fmt: skip
def test_every_lane_is_accepted(bench: Bench, wanted: ShipDraft, level: str) -> None:
    result = bench.buy(wanted)
    assert len(result.packages) == 2
    assert {reference["level"] for label in bench.labels for reference in label["references"]} == {level}
    if wanted.customs is not None:
        assert [form.form for form in result.forms] == ["PDF"]


@pytest.mark.parametrize("form", ["ZPL", "GIF"])
def test_label_formats(form: str) -> None:
    bench = Bench(label_format=form)
    label = bench.buy(draft(parcels=(Parcel(Decimal(1)),))).packages[0].label
    assert label is not None
    assert label.form == form


def test_every_oddity_of_answers_at_once() -> None:
    switches = Switches(single_as_object=True, empty_as_text=True, lower_case_formats=True)
    bench = Bench(switches)
    result = bench.buy(draft(parcels=(Parcel(Decimal(1)),)))
    assert len(result.packages) == 1
    assert bench.ups.recover_by_reference("000123").verdict is Recovery.FOUND
    assert bench.ups.validate_address(built(xav_request(NEW_YORK))).validity is Validity.VALID
    assert bench.ups.track(result.shipment_id).found


@pytest.mark.parametrize(
    ("fault", "bought"),
    [
        (Fault.DROP_BEFORE, 0),
        (Fault.DROP_AFTER, 1),
        (Fault.TIMEOUT_BEFORE, 0),
        (Fault.TIMEOUT_AFTER, 1),
        (Fault.ERROR_500_BEFORE, 0),
        (Fault.ERROR_500_AFTER, 1),
        (Fault.ERROR_503_AFTER, 1),
    ],
)
@pytest.mark.parametrize("html", [True, False])
def test_an_unclear_end_is_said_to_be_unclear_and_sent_once(
    bench: Bench, fault: Fault, bought: int, html: bool
) -> None:
    bench.switch(html_errors=html)
    bench.simulator.dial.plan(fault, SHIP)
    with pytest.raises(VendorFault) as caught:
        bench.buy(draft(parcels=(Parcel(Decimal(1)),)))
    assert (caught.value.kind, caught.value.executed) == (FaultKind.UNAVAILABLE, Executed.MAYBE)
    assert len(bench.labels) == bought
    assert sum(SHIP in path for path in bench.paths()) == 1


@pytest.mark.parametrize("fault", [Fault.GARBAGE_AFTER, Fault.PARTIAL])
def test_an_answer_that_cannot_be_used_is_handed_over_raw(bench: Bench, fault: Fault) -> None:
    bench.simulator.dial.plan(fault, SHIP)
    body = bench.body(draft())
    reply = bench.ups.ship(body)
    with pytest.raises(ValueError, match=r"UPS shipment|Expecting"):
        read_ship(reply, packages_in(body))
    assert len(bench.labels) == 2


@pytest.mark.parametrize("acts", [True, False])
@pytest.mark.parametrize(
    "kind", ["empty_200", "errors_in_200", "unavailable", "empty_500", "html_503", "legacy_fault"]
)
def test_odd_answers_to_a_purchase_leave_it_open(bench: Bench, kind: str, acts: bool) -> None:
    bench.command("plan_answer", kind=kind, match=SHIP, acts=acts)
    with pytest.raises(VendorFault) as caught:
        bench.buy()
    assert caught.value.executed is Executed.MAYBE
    assert len(bench.labels) == (2 if acts else 0)


def test_a_page_of_the_edge_is_no_purchase(bench: Bench) -> None:
    bench.command("plan_answer", kind="html_403", match=SHIP)
    with pytest.raises(VendorFault) as caught:
        bench.buy()
    assert (caught.value.kind, caught.value.executed) == (FaultKind.UNAVAILABLE, Executed.NO)


def test_a_status_of_zero_is_no_success(bench: Bench) -> None:
    bench.command("plan_answer", kind="status_zero", match=SHIP, acts=True)
    with pytest.raises(ValueError, match="does not report success"):
        bench.buy()
    assert len(bench.labels) == 2


@pytest.mark.parametrize(("fault", "kind"), [(Fault.THROTTLED, FaultKind.THROTTLED)])
def test_a_throttled_purchase_is_none_and_closes_the_account(bench: Bench, fault: Fault, kind: FaultKind) -> None:
    bench.simulator.dial.plan(fault, SHIP)
    with pytest.raises(VendorFault) as caught:
        bench.buy()
    assert (caught.value.kind, caught.value.executed) == (kind, Executed.NO)
    before = len(bench.simulator.calls)
    with pytest.raises(VendorFault) as closed:
        bench.buy()
    assert closed.value.kind is FaultKind.BUDGET
    assert len(bench.simulator.calls) == before
    (gate,) = [item for item in bench.world.tables.items("state") if item["sk"] == "gate"]
    assert gate["allowance"] == bench.system.per_minute // 2
    bench.world.clock.advance(minutes=11)
    assert len(bench.buy().packages) == 2
    assert bench.simulator.holdings()["tokens_issued"] == {DEFAULT_CLIENT.id: 1}  # a 429 is no reason for a new one


def test_an_expired_token_costs_one_renewal_and_no_second_label(bench: Bench) -> None:
    bench.ups.track("1ZA1B2C30300000012")
    bench.world.clock.advance(minutes=10)
    bench.command("expire_tokens")
    assert len(bench.buy().packages) == 2
    assert len(bench.labels) == 2
    assert bench.simulator.holdings()["tokens_issued"] == {DEFAULT_CLIENT.id: 2}


@pytest.mark.parametrize(
    ("change", "code", "kind"),
    [
        (lambda body: body["Shipper"].update(ShipperNumber="ZZZZZZ"), "120100", FaultKind.CONFIGURATION),
        (lambda body: body["Service"].update(Code="11"), "120124", FaultKind.INVALID),
        (lambda body: body["ShipTo"]["Address"].update(City="Albany"), "120802", FaultKind.INVALID),
        (lambda body: body["ShipTo"]["Address"].update(AddressLine=["x" * 36]), "120202", FaultKind.INVALID),
        (lambda body: body.update(ReferenceNumber=[{"Value": "1"}]), "120541", FaultKind.INVALID),
    ],
)  # fmt: skip
def test_a_refusal_names_the_code_and_bought_nothing(
    bench: Bench, change: Callable[[dict[str, Any]], Any], code: str, kind: FaultKind
) -> None:
    body = bench.body(draft())
    change(body["ShipmentRequest"]["Shipment"])
    with pytest.raises(VendorFault) as caught:
        bench.ups.ship(body)
    assert (caught.value.code, caught.value.kind, caught.value.executed) == (code, kind, Executed.NO)
    assert "UPS trace" in caught.value.message
    assert bench.labels == []


# --- finding again, voiding


def test_a_lost_label_is_found_again_by_reference(bench: Bench) -> None:
    bench.simulator.dial.plan(Fault.DROP_AFTER, SHIP)
    with pytest.raises(VendorFault):
        bench.buy()
    numbers = tuple(label["tracking_number"] for label in bench.labels)
    found = bench.ups.recover_by_reference("000123")
    assert found.verdict is Recovery.FOUND
    assert found.tracking_numbers == numbers
    assert [label.label.form for label in found.labels if label.label] == ["ZPL", "ZPL"]
    tracked = bench.ups.track_by_reference("000123", date(2026, 7, 12), date(2026, 7, 20))
    assert {package.tracking_number for package in tracked.packages} == set(numbers)
    assert bench.ups.recover_by_reference("000124").verdict is Recovery.NOT_FOUND
    assert not bench.ups.track_by_reference("000124", date(2026, 7, 12), date(2026, 7, 20)).found


def test_not_found_just_after_the_purchase_is_no_proof(bench: Bench) -> None:
    bench.switch(recovery_lag_seconds=120, reference_lag_seconds=600)
    result = bench.buy()
    first = bench.ups.recover_by_reference("000123")
    assert first.verdict is Recovery.NOT_FOUND
    assert not first.proves_a_label
    by_number = bench.ups.recover_label(result.shipment_id)
    assert (by_number.verdict, by_number.code) == (Recovery.EXISTS, "9801041")
    bench.world.clock.advance(minutes=3)
    assert bench.ups.recover_by_reference("000123").verdict is Recovery.FOUND


def test_two_labels_with_one_reference_are_candidates(bench: Bench) -> None:
    one, two = bench.buy(), bench.buy()
    found = bench.ups.recover_by_reference("000123")
    assert found.verdict is Recovery.CANDIDATES
    assert found.tracking_numbers == (one.shipment_id, two.shipment_id)


def test_reprints_and_what_ends_them(bench: Bench) -> None:
    result = bench.buy()
    pdf = bench.ups.recover_label(result.shipment_id, "PDF")
    assert pdf.labels[0].label is not None
    assert pdf.labels[0].label.form == "PDF"
    bench.command("scan", event="picked_up", tracking_number=result.shipment_id)
    assert bench.ups.recover_label(result.shipment_id).verdict is Recovery.EXISTS
    assert bench.ups.recover_label(result.shipment_id).code == "9801028"


@pytest.mark.parametrize("polluted", [True, False])
@pytest.mark.parametrize("singular", [True, False])
def test_voids(bench: Bench, polluted: bool, singular: bool) -> None:
    bench.switch(void_polluted=polluted, void_singular=singular, single_as_object=singular)
    result = bench.buy()
    second = result.tracking_numbers[1]
    part = read_void(bench.ups.void(result.shipment_id, [second]))
    assert part.voided
    assert part.packages == ((second, True),)
    assert [label["voided"] for label in bench.labels] == [False, True]
    assert read_void(bench.ups.void(result.shipment_id)).voided
    assert [label["voided"] for label in bench.labels] == [True, True]
    again = read_void(bench.ups.void(result.shipment_id))
    assert again.voided
    assert again.already
    assert bench.simulator.holdings()["billed"] == {}
    assert bench.ups.recover_by_reference("000123").verdict is Recovery.VOIDED
    package = bench.ups.track(result.shipment_id).package(result.shipment_id)
    assert package is not None
    assert package.standing is Standing.VOIDED


def test_a_package_of_another_shipment_is_not_voided(bench: Bench) -> None:
    one, other = bench.buy(), bench.buy()
    result = read_void(bench.ups.void(one.shipment_id, [one.tracking_numbers[1], other.tracking_numbers[1]]))
    assert not result.voided
    assert result.refused == (other.tracking_numbers[1],)


def test_too_late_for_a_void(bench: Bench) -> None:
    result = bench.buy()
    bench.command("scan", event="picked_up", shipment_id=result.shipment_id)
    with pytest.raises(VendorFault) as caught:
        bench.ups.void(result.shipment_id)
    assert (caught.value.code, caught.value.kind) == ("190101", FaultKind.INVALID)
    with pytest.raises(VendorFault) as unknown:
        bench.ups.void("1ZA1B2C30399999999")
    assert (unknown.value.code, unknown.value.kind) == ("190102", FaultKind.NOT_FOUND)


# --- tracking


def test_the_story_of_a_parcel(bench: Bench) -> None:
    number = bench.buy(draft(parcels=(Parcel(Decimal(1)),))).shipment_id

    def now() -> Standing:
        package = bench.ups.track(number, signature=True).package(number)
        assert package is not None
        return package.standing

    seen = [now()]
    for event in ("picked_up", "departed", "out_for_delivery", "first_attempt"):
        bench.world.clock.advance(hours=3)
        bench.command("scan", event=event, tracking_number=number)
        seen.append(now())
    assert seen == [
        Standing.LABEL_ONLY, Standing.IN_TRANSIT, Standing.IN_TRANSIT, Standing.OUT_FOR_DELIVERY, Standing.EXCEPTION,
    ]  # fmt: skip
    bench.world.clock.advance(hours=3)
    bench.command("scan", event="delivered", tracking_number=number, received_by="SMITH", location="Front Desk")
    package = bench.ups.track(number, signature=True).package(number)
    assert package is not None
    assert package.is_final
    assert len(package.activities) == 6
    instants = [activity.at for activity in package.activities if activity.at is not None]
    assert len(instants) == 6
    assert instants == sorted(instants, reverse=True)
    assert package.delivery is not None
    assert package.delivery.at == bench.world.clock().replace(microsecond=0)
    assert package.delivery.received_by == "SMITH"
    assert package.delivery.signature is not None
    assert package.references == ("000123", "SO004567")


@pytest.mark.parametrize(
    ("event", "wanted", "final"),
    [
        ("access_point", Standing.AT_PICKUP_POINT, False),
        ("delivered_by_post", Standing.DELIVERED, True),
        ("returning", Standing.RETURNING, False),
        ("returned", Standing.RETURNED, True),
        ("lost", Standing.LOST, True),
        ("address_problem", Standing.EXCEPTION, False),
        ("customs", Standing.IN_TRANSIT, False),
    ],
)
def test_ends_and_detours(bench: Bench, event: str, wanted: Standing, final: bool) -> None:
    number = bench.buy(draft(parcels=(Parcel(Decimal(1)),))).shipment_id
    bench.command("progress", tracking_number=number, to="departed")
    bench.world.clock.advance(hours=1)
    bench.command("scan", event=event, tracking_number=number)
    package = bench.ups.track(number).package(number)
    assert package is not None
    assert (package.standing, package.is_final) == (wanted, final)
    assert (package.delivery is not None) == (wanted is Standing.DELIVERED)


def test_without_gmt_times_no_instant_is_invented(bench: Bench) -> None:
    bench.switch(gmt_times=False)
    number = bench.buy().shipment_id
    package = bench.ups.track(number).packages[0]
    assert package.activities[0].at is None
    assert package.activities[0].local == "2026-07-13T16:58:30"


def test_older_parcels_are_found_in_a_wider_window(bench: Bench) -> None:
    result = bench.buy()
    bench.world.clock.advance(days=30)
    today = bench.world.clock().date()
    assert bench.ups.track_by_reference("000123", today - timedelta(days=45), today).found
    assert not bench.ups.track_by_reference("000123", today - timedelta(days=14), today).found
    assert bench.ups.track_shipment(result.shipment_id).packages[0].packages_in_shipment == 2


def test_a_large_shipment_is_paged(bench: Bench) -> None:
    result = bench.buy(draft(parcels=tuple(Parcel(Decimal(1)) for _ in range(120))))
    found = bench.ups.track_shipment(result.shipment_id)
    assert {package.tracking_number for package in found.packages} == set(result.tracking_numbers)
    assert sum("/shipment/details/" in path for path in bench.paths()) == 3


# --- addresses, prices


def test_addresses(bench: Bench) -> None:
    home = bench.ups.validate_address(built(xav_request(NEW_YORK)))
    assert (home.validity, home.residential) == (Validity.VALID, True)
    work = replace(NEW_YORK, address=replace(NEW_YORK.address, lines=("123 Maple Ct", "Suite 400")))
    assert bench.ups.validate_address(built(xav_request(work))).classification is Classification.COMMERCIAL
    elsewhere = replace(NEW_YORK, address=replace(NEW_YORK.address, city="Albany"))
    ambiguous = bench.ups.validate_address(built(xav_request(elsewhere)))
    assert ambiguous.validity is Validity.AMBIGUOUS
    assert ambiguous.residential is None
    assert "WESTBURY" in ambiguous.candidates[0].line
    nowhere = replace(NEW_YORK, address=replace(NEW_YORK.address, lines=("Nowhere Lane",)))
    assert bench.ups.validate_address(built(xav_request(nowhere))).validity is Validity.NONE


def test_the_test_environment_knows_two_states() -> None:
    bench = Bench(Switches(cie=True), cie=True)
    dallas = replace(NEW_YORK.address, city="Dallas", state="TX", postal_code="75201")
    verdict = bench.ups.validate_address(built(xav_request(replace(NEW_YORK, address=dallas))))
    assert verdict.validity is Validity.UNCOVERED


@pytest.mark.parametrize("pickup", [None, date(2026, 7, 14)])
def test_shopping_for_a_service(bench: Bench, pickup: date | None) -> None:
    bench.switch(saturday_twin=True)
    found = bench.ups.rates(built(rate_request(draft(service=""), bench.system, pickup))).offers
    assert {"01", "02", "03"} <= {rate.service for rate in found}
    assert sum(rate.saturday for rate in found) == 1
    assert all(rate.negotiated is not None and rate.cost.amount < rate.published.amount for rate in found)
    if pickup is not None:
        assert all(rate.arrival is not None and rate.arrival > pickup for rate in found)
    (ground,) = bench.ups.rates(built(rate_request(draft(), bench.system, pickup))).offers
    assert ground.service == "03"
    assert ground.cost == bench.buy().cost


def test_a_quote_abroad(bench: Bench) -> None:
    wanted = draft(ship_to=GERMANY, service="", goods_value=VALUE)
    assert bench.ups.rates(built(rate_request(wanted, bench.system, date(2026, 7, 14)))).offers


def test_transit(bench: Bench) -> None:
    origin = NEW_YORK.address

    def ask(city: str) -> Any:
        place = replace(NEW_YORK.address, city=city)
        body = transit_request(
            origin, place, ship_date=date(2026, 7, 14), weight=Decimal("7.5"), packages=1, system=bench.system
        )
        return bench.ups.time_in_transit(body)

    answered = ask("Westbury")
    assert answered.is_answered
    assert all(service.arrival for service in answered.services)
    ambiguous = ask("Albany")
    assert not ambiguous.is_answered
    assert "WESTBURY" in ambiguous.ambiguous[0]


# --- Track Alert


HOOK = Destination("https://hooks.example.com/ups/abc", "s3cr3t-42")


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize("kind", ["standard", "enhanced"])
def test_subscriptions_and_their_pushes(version: str, kind: str) -> None:
    bench = Bench(track_alert=version, track_alert_type=kind)
    bench.command(
        "set_portal", app=DEFAULT_CLIENT.id, url=HOOK.url, kind="credential", credential=HOOK.credential
    )
    result = bench.buy()
    (answer,) = bench.ups.subscribe(result.tracking_numbers, HOOK if version == "v1" else None)
    assert (answer.valid, answer.invalid, answer.unanswered) == (result.tracking_numbers, (), ())
    bench.world.clock.advance(hours=5)
    bench.command("scan", event="out_for_delivery", tracking_number=result.shipment_id)
    bench.world.clock.advance(hours=1)
    bench.command("scan", event="delivered", tracking_number=result.shipment_id, received_by="SMITH")
    deliveries = bench.simulator.take_deliveries()
    events = [parse_push(json.loads(delivery.body)) for delivery in deliveries]
    assert [event.standing for event in events] == [Standing.OUT_FOR_DELIVERY, Standing.DELIVERED]
    assert {event.tracking_number for event in events} == {result.shipment_id}
    assert len({event.key for event in events}) == 2
    assert events[1].at == bench.world.clock().replace(microsecond=0)
    assert events[1].received_by == ("SMITH" if kind == "enhanced" else None)
    assert bench.simulator.strict_violations == []


def test_a_repeated_push_keeps_its_key() -> None:
    bench = Bench(Switches(duplicate_pushes=2, reorder_pushes=True), track_alert="v1")
    result = bench.buy(draft(parcels=(Parcel(Decimal(1)),)))
    list(bench.ups.subscribe(result.tracking_numbers, HOOK))
    bench.command("scan", event="picked_up", tracking_number=result.shipment_id)
    keys = [parse_push(json.loads(delivery.body)).key for delivery in bench.simulator.take_deliveries()]
    assert len(keys) == 3
    assert len(set(keys)) == 1


def test_a_partly_good_batch() -> None:
    bench = Bench(track_alert="v1")
    result = bench.buy()
    bench.simulator.dial.plan(Fault.PARTIAL, "subscription")
    (answer,) = bench.ups.subscribe(result.tracking_numbers, HOOK)
    assert (answer.valid, answer.invalid) == (result.tracking_numbers[:1], result.tracking_numbers[1:])


def test_a_batch_without_a_good_number() -> None:
    bench = Bench(Switches(cie=True), track_alert="v2", cie=True)
    result = bench.buy()
    (answer,) = bench.ups.subscribe(result.tracking_numbers)
    assert answer.invalid == result.tracking_numbers
    bench.switch(bare_errors=True)
    (bare,) = bench.ups.subscribe(result.tracking_numbers)
    assert bare.invalid == result.tracking_numbers


# --- token and budget


def test_two_hundred_workers_starting_at_once_fetch_one_token(bench: Bench) -> None:
    outcomes: list[str] = []
    start = threading.Barrier(20)

    def work() -> None:
        start.wait()
        for _ in range(10):
            try:
                bench.open().track("1ZA1B2C30300000012")
                outcomes.append("tracked")
            except VendorFault as fault:
                assert fault.kind is FaultKind.BUDGET  # noqa: PT017 - comes back in a few seconds, nothing was sent
                outcomes.append("later")

    threads = [threading.Thread(target=work) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 200
    assert bench.simulator.holdings()["tokens_issued"] == {DEFAULT_CLIENT.id: 1}


def test_a_day_of_calls_costs_few_tokens(bench: Bench) -> None:
    for _ in range(48):
        bench.ups.track("1ZA1B2C30300000012")
        bench.world.clock.advance(minutes=30)
    assert bench.simulator.holdings()["tokens_issued"][DEFAULT_CLIENT.id] <= 25


def test_a_locked_client_is_not_asked_again_and_again(bench: Bench) -> None:
    bench.world.secrets.write("demo/ups", json.dumps({"client_id": DEFAULT_CLIENT.id, "client_secret": "wrong"}))
    for _ in range(5):
        bench.world.services.memory.clear()
        with pytest.raises(VendorFault) as caught:
            bench.open().track("1ZA1B2C30300000012")
        assert caught.value.kind is FaultKind.EXPIRED
        assert caught.value.executed is Executed.NO
    assert bench.paths() == ["POST /security/v1/oauth/token"]


def test_the_budget_of_the_account_is_kept() -> None:
    bench = Bench(per_minute=20)
    done = 0
    for _ in range(40):
        try:
            bench.ups.track("1ZA1B2C30300000012")
            done += 1
        except VendorFault as fault:
            assert fault.kind is FaultKind.BUDGET  # noqa: PT017 - that is what the loop looks for
            break
    assert done <= 20
    assert sum("/track/" in path for path in bench.paths()) == done
