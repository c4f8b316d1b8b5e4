"""What the UPS client sends, and what it makes of the answers. No network, no simulator."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from connector.faults import Executed, FaultKind, VendorFault
from connector.log import Log
from connector.transport import AnswerLost, NotSent, OpenGate, Transport
from tests.support.clock import VirtualClock
from tests.unit.ups_samples import NEW_YORK, ONE, TWO, Wire, bought, built, draft, errors, system
from vendors.ups.client import Ups
from vendors.ups.faults import classify
from vendors.ups.requests import Destination, packages_in, rate_request, ship_request, transit_request, xav_request
from vendors.ups.shapes import Recovery, Validity, read_ship, read_void

BODY = built(ship_request(draft(), system()))
EMPTY = {"trackResponse": {"shipment": [{"warnings": [{"code": "TW0001", "message": "x"}]}]}}


def client(*answers: Any, **changes: Any) -> tuple[Ups, Wire]:
    wire, clock = Wire(list(answers)), VirtualClock(datetime(2026, 3, 2, 14, tzinfo=UTC))
    transport = Transport("ups", wire, None, OpenGate(), classify, clock, Log({}, clock))
    return Ups(transport, system(**changes)), wire


def address(wire: Wire) -> tuple[str, str, dict[str, str]]:
    parts = urlsplit(wire.last.url)
    return wire.last.method, parts.path, dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=False))


def test_every_call_carries_its_own_trace_and_our_name() -> None:
    ups, wire = client(EMPTY)
    ups.track(ONE)
    ups.track(ONE)
    traces = [request.headers["transId"] for request in wire.sent]
    assert len(set(traces)) == 2
    assert all(len(trace) == 32 and int(trace, 16) >= 0 for trace in traces)
    assert {request.headers["transactionSrc"] for request in wire.sent} == {"ml-connector"}
    assert {request.headers["Accept"] for request in wire.sent} == {"application/json"}


# --- labels


def test_a_purchase() -> None:
    ups, wire = client(bought(ONE, TWO))
    result = read_ship(ups.ship(BODY), packages_in(BODY))
    assert address(wire) == ("POST", "/api/shipments/v2409/ship", {})
    assert wire.body() == BODY
    assert wire.last.write
    assert wire.last.timeout == 60
    assert wire.last.headers["Content-Type"] == "application/json"
    assert result.tracking_numbers == (ONE, TWO)


def test_the_city_is_checked_when_the_connection_says_so() -> None:
    ups, wire = client(bought(ONE, TWO), check_city=True, ship_version="v2501")
    ups.ship(BODY)
    assert address(wire)[1:] == ("/api/shipments/v2501/ship", {"additionaladdressvalidation": "city"})


def test_a_purchase_is_sent_once_whatever_comes_back() -> None:
    unclear: list[Any] = [(503, errors("10004"), {}), (200, b"", {}), AnswerLost("reset"), (500, b"<html>", {})]
    for answer in unclear:
        ups, wire = client(answer, bought(ONE, TWO))
        with pytest.raises(VendorFault) as caught:
            ups.ship(BODY)
        assert caught.value.executed is Executed.MAYBE
        assert len(wire.sent) == 1


def test_a_purchase_that_never_left_is_surely_none() -> None:
    ups, _ = client(NotSent("name"))
    with pytest.raises(VendorFault) as caught:
        ups.ship(BODY)
    assert caught.value.executed is Executed.NO


def test_the_raw_answer_comes_back_even_when_it_cannot_be_read() -> None:
    ups, _ = client((200, b'{"ShipmentResponse": {"trunc', {}))
    assert ups.ship(BODY).body == b'{"ShipmentResponse": {"trunc'


GOOD_VOID = {
    "VoidShipmentResponse": {
        "Response": {"ResponseStatus": {"Code": "1"}},
        "SummaryResult": {"Status": {"Code": "1", "Description": "Voided"}},
    }
}


def test_voids() -> None:
    ups, wire = client(GOOD_VOID)
    assert read_void(ups.void(ONE.lower())).voided
    assert address(wire) == ("DELETE", f"/api/shipments/v2409/void/cancel/{ONE}", {})
    assert wire.last.body == b""
    ups.void(ONE, [TWO.lower()])
    assert address(wire)[2] == {"trackingnumber": TWO}
    ups.void(ONE, [ONE, TWO])
    assert json.loads(address(wire)[2]["trackingnumber"]) == [ONE, TWO]
    assert "%5B%22" in wire.last.url


def test_already_voided_is_done() -> None:
    ups, _ = client((400, errors("190117"), {}))
    result = read_void(ups.void(ONE))
    assert result.voided
    assert result.already


@pytest.mark.parametrize(
    "ask",
    [
        lambda ups: ups.void("string"),
        lambda ups: ups.void(ONE, ["string"]),
        lambda ups: ups.void(ONE, [ONE] * 21),
        lambda ups: ups.recover_label("9400111899223197428490"),
        lambda ups: ups.recover_by_reference("x" * 36),
        lambda ups: ups.recover_by_reference(""),
        lambda ups: ups.track("123456"),
        lambda ups: ups.track("1" * 35),
        lambda ups: ups.track_by_reference("Ø", date(2026, 1, 1), date(2026, 3, 2)),
        lambda ups: ups.track_shipment("123"),
    ],
)
def test_questions_that_ups_could_only_refuse_are_not_sent(ask: Callable[[Ups], Any]) -> None:
    ups, wire = client(EMPTY)
    with pytest.raises(VendorFault, match="nothing was sent") as caught:
        ask(ups)
    assert (caught.value.kind, caught.value.executed) == (FaultKind.INVALID, Executed.NO)
    assert wire.sent == []


def test_recovery() -> None:
    ups, wire = client((400, errors("9801028"), {}))
    assert ups.recover_label(ONE, "PDF").verdict is Recovery.EXISTS
    assert address(wire) == ("POST", "/api/labels/v1/recovery", {})
    assert wire.body()["LabelRecoveryRequest"]["TrackingNumber"] == ONE
    assert not wire.last.write
    ups, wire = client((400, errors("9801031"), {}))
    assert ups.recover_by_reference("000123").verdict is Recovery.NOT_FOUND
    assert wire.body()["LabelRecoveryRequest"]["ReferenceValues"]["ShipperNumber"] == "A1B2C3"


# --- tracking


def test_tracking_calls() -> None:
    ups, wire = client(EMPTY)
    assert not ups.track(f" {ONE.lower()}", signature=True).found
    assert address(wire) == (
        "GET", f"/api/track/v1/details/{ONE}",
        {"locale": "en_US", "returnSignature": "true", "returnMilestones": "false", "returnPOD": "false"},
    )  # fmt: skip
    ups.track_by_reference("SO 4567/1", date(2025, 12, 1), date(2026, 3, 2))
    assert address(wire) == (
        "GET", "/api/track/v1/reference/details/SO%204567%2F1",
        {"locale": "en_US", "fromPickUpDate": "20251201", "toPickUpDate": "20260302", "refNumType": "SmallPackage",
         "shipperNum": "A1B2C3"},
    )  # fmt: skip


def test_a_404_is_not_found_like_the_warning() -> None:
    ups, _ = client((404, errors("TW0001"), {}))
    assert not ups.track(ONE).found


def test_an_unreadable_read_is_asked_again_with_an_alarm() -> None:
    ups, _ = client((200, b"{", {}))
    with pytest.raises(VendorFault, match="cannot be read") as caught:
        ups.track(ONE)
    assert (caught.value.kind, caught.value.executed, caught.value.alarm) == (FaultKind.UNAVAILABLE, Executed.NO, True)


def pages(*sizes: int, count: int) -> list[Any]:
    numbers = iter(f"1ZA1B2C303{number:08d}" for number in range(1000))
    return [
        {"trackResponse": {"shipment": [
            {"package": [{"trackingNumber": next(numbers), "packageCount": count} for _ in range(size)]}
        ]}}
        for size in sizes
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("sizes", "count", "calls", "found"),
    [((2,), 2, 1, 2), ((50, 50, 20), 120, 3, 120), ((50, 0), 120, 2, 50), ((50, 50, 50, 50), 200, 4, 200)],
)
def test_all_packages_of_a_shipment(sizes: tuple[int, ...], count: int, calls: int, found: int) -> None:
    ups, wire = client(*pages(*sizes, count=count))
    assert len(ups.track_shipment(ONE).packages) == found
    assert len(wire.sent) == calls
    offsets = [dict(parse_qsl(urlsplit(request.url).query))["offset"] for request in wire.sent]
    assert offsets == [str(50 * number) for number in range(calls)]


# --- addresses and prices


def test_address_validation() -> None:
    valid = {"XAVResponse": {"Response": {"ResponseStatus": {"Code": "1"}}, "ValidAddressIndicator": ""}}
    ups, wire = client(valid)
    assert ups.validate_address(built(xav_request(NEW_YORK))).validity is Validity.VALID
    query = {"regionalrequestindicator": "False", "maximumcandidatelistsize": "5"}
    assert address(wire) == ("POST", "/api/addressvalidation/v2/3", query)
    ups, _ = client((400, errors("9264030"), {}), cie=True)
    assert ups.validate_address(built(xav_request(NEW_YORK))).validity is Validity.UNCOVERED


@pytest.mark.parametrize(
    ("service", "pickup", "option"),
    [("03", None, "Rate"), ("", None, "Shop"), ("03", date(2026, 3, 3), "Ratetimeintransit"),
     ("", date(2026, 3, 3), "Shoptimeintransit")],
)  # fmt: skip
def test_rates(service: str, pickup: date | None, option: str) -> None:
    offer = {"Service": {"Code": "03"}, "TotalCharges": {"CurrencyCode": "USD", "MonetaryValue": "12.34"}}
    answer = {"RateResponse": {"Response": {"ResponseStatus": {"Code": "1"}}, "RatedShipment": offer}}
    ups, wire = client(answer)
    assert len(ups.rates(built(rate_request(draft(service=service), system(), pickup))).offers) == 1
    assert address(wire)[:2] == ("POST", f"/api/rating/v2409/{option}")


def test_time_in_transit_sends_real_numbers() -> None:
    home = NEW_YORK.address
    ups, wire = client((206, {"destinationPickList": [{"city": "AURORA"}]}, {}))
    day, weight = date(2026, 3, 2), Decimal("7.5")
    body = transit_request(home, home, ship_date=day, weight=weight, packages=1, system=system())
    assert ups.time_in_transit(body).ambiguous == ("AURORA",)
    assert address(wire)[:2] == ("POST", "/api/shipments/v1/transittimes")
    assert b'"weight":7.5' in wire.last.body
    assert b'"numberOfPackages":1' in wire.last.body


# --- Track Alert


def accepted(*numbers: str) -> dict[str, Any]:
    return {"validTrackingNumbers": list(numbers), "invalidTrackingNumbers": []}


def test_subscriptions_go_out_in_batches_and_come_back_one_by_one() -> None:
    numbers = [f"1ZA1B2C303{number:08d}" for number in range(150)]
    ups, wire = client(accepted(*numbers[:100]), (503, errors("10004"), {}), track_alert="v1")
    results = ups.subscribe([*numbers, "not a number"], Destination("https://example.com/hook", "s3cr3t-42"))
    assert next(results).invalid == ("NOTANUMBER",)
    assert wire.sent == []
    assert next(results).valid == tuple(numbers[:100])  # known before the next batch fails
    with pytest.raises(VendorFault):
        next(results)
    assert address(wire)[:2] == ("POST", "/api/track/v1/subscription/standard/package")
    assert [len(wire.body(number)["trackingNumberList"]) for number in (0, 1)] == [100, 50]


def test_the_second_version_has_no_destination() -> None:
    ups, wire = client(accepted(ONE), track_alert="v2", track_alert_type="enhanced")
    (result,) = ups.subscribe([ONE, ONE])
    assert result.valid == (ONE,)
    assert address(wire)[1] == "/api/track/v2/subscription/enhanced/package"
    assert "destination" not in wire.body()


def test_a_wrong_version_is_refused_before_anything_is_sent() -> None:
    ups, wire = client(accepted(ONE), track_alert="v2")
    with pytest.raises(ValueError, match="portal"):
        ups.subscribe([ONE], Destination("https://example.com", "x"))
    assert wire.sent == []


def test_queries_stay_within_the_strict_specification(shared: Path) -> None:
    """Every path, method and query parameter that the client uses stands in the specification."""
    ups, wire = client(EMPTY)
    ups.track(ONE)
    ups.track_by_reference("1", date(2026, 1, 1), date(2026, 3, 2))
    ups.track_shipment(ONE)
    document = json.loads((shared / "specs" / "ups" / "openapi-strict" / "tracking.json").read_text())
    for request in wire.sent:
        parts = urlsplit(request.url)
        path = parts.path.removeprefix("/api").rsplit("/", 1)[0]
        operation = next(item["get"] for name, item in document["paths"].items() if name.rsplit("/", 1)[0] == path)
        known = {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "query"}
        needed = {p["name"] for p in operation["parameters"] if p["in"] == "header" and p["required"]}
        assert {name for name, _ in parse_qsl(parts.query)} <= known
        assert needed <= set(request.headers)
