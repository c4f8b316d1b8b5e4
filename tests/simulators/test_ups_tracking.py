"""Tracking: by number, by reference, by shipment; the life of a package; who may see a signature."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from local.simulators.base import Fault
from local.simulators.ups import EVENTS, Client
from tests.simulators.ups_bench import Bench, a_shipment, abroad, changed, codes, document

DAY = 86400
S = "ShipmentRequest.Shipment"


def package(shipment: dict[str, Any]) -> dict[str, Any]:
    [found] = shipment["package"]
    assert isinstance(found, dict)
    return found


def warning(shipment: dict[str, Any]) -> str:
    assert "package" not in shipment
    return str(shipment["warnings"][0]["code"])


def test_a_label_alone_shows_as_ready_for_ups() -> None:
    bench = Bench()
    number = bench.bought()
    found = bench.track(number)
    view = package(found)
    assert (found["inquiryNumber"], found["pickupDate"]) == (number, "20260713")
    assert view["currentStatus"]["statusCode"] == "003"
    assert [each["status"]["code"] for each in view["activity"]] == ["MP"]
    assert view["referenceNumber"] == [
        {"type": "PACKAGE", "number": "000123"},
        {"type": "PACKAGE", "number": "SO004567"},
    ]
    assert view["service"]["code"] == "518"
    assert view["deliveryDate"] == [{"type": "SDD", "date": "20260717"}]
    assert "deliveryInformation" not in view


def test_activities_come_newest_first_with_local_and_gmt_times() -> None:
    bench = Bench()
    number = bench.bought()
    bench.wait(3600)
    bench.command("scan", tracking_number=number, event="origin_scan")
    bench.wait(3600)
    bench.command("scan", tracking_number=number, event="arrived", city="Louisville", state="TN")
    newest, middle, oldest = package(bench.track(number))["activity"]
    assert [each["status"]["type"] for each in (newest, middle, oldest)] == ["I", "I", "M"]
    assert (newest["date"], newest["time"]) == ("20260713", "175830")  # Central
    assert (newest["gmtDate"], newest["gmtTime"], newest["gmtOffset"]) == ("20260713", "22:58:30", "-05:00")
    assert (middle["time"], middle["gmtOffset"]) == ("175830", "-04:00")
    assert newest["location"]["address"]["city"] == "Louisville"
    assert "city" not in oldest["location"]["address"]
    assert oldest["status"]["description"].endswith(" ")


def test_a_scan_may_arrive_late_with_an_older_time() -> None:
    bench = Bench()
    number = bench.bought()
    bench.wait(7200)
    bench.command("scan", tracking_number=number, event="out_for_delivery")
    bench.command("scan", tracking_number=number, event="departed", minutes_ago=60)
    assert [each["status"]["code"] for each in package(bench.track(number))["activity"]] == ["OT", "DP", "MP"]


def test_in_winter_the_clocks_are_an_hour_further_from_utc() -> None:
    bench = Bench()
    bench.wait(140 * DAY)  # the last day of November
    assert package(bench.track(bench.bought()))["activity"][0]["gmtOffset"] == "-05:00"


def test_the_gmt_trio_may_be_absent() -> None:
    bench = Bench(gmt_times=False)
    activity = package(bench.track(bench.bought()))["activity"][0]
    assert not [name for name in activity if name.startswith("gmt")]


def test_the_whole_journey_ends_with_receiver_and_signature() -> None:
    bench = Bench()
    number = bench.bought()
    bench.wait(2 * DAY)
    bench.command("progress", tracking_number=number, minutes=60, received_by="SMITH", location="Dock")
    view = package(bench.track(number, returnSignature="true", returnPOD="true"))
    assert (view["currentStatus"]["type"], view["currentStatus"]["statusCode"]) == ("D", "011")
    assert view["deliveryDate"] == [{"type": "DEL", "date": "20260715"}]
    assert view["deliveryTime"]["type"] == "DEL"
    assert (view["deliveryInformation"]["receivedBy"], view["deliveryInformation"]["location"]) == ("SMITH", "Dock")
    assert base64.b64decode(view["deliveryInformation"]["signature"]["image"]).startswith(b"GIF89a")
    assert b"SMITH" in base64.b64decode(view["deliveryInformation"]["pod"]["content"])
    assert [each["status"]["code"] for each in view["activity"]] == ["FS", "OT", "AR", "DP", "OR", "PU", "MP"]
    again = bench.command("progress", tracking_number=number)
    assert len(package(bench.track(number))["activity"]) == 7, again
    assert bench.simulator.holdings()["receipts"][number]["signed"] is True


def test_signature_only_when_asked_when_signed_and_when_the_switch_allows() -> None:
    bench = Bench()
    number, unsigned = bench.bought(), bench.bought()
    bench.command("progress", tracking_number=number)
    bench.command("progress", tracking_number=unsigned, signed=False)
    assert "signature" not in package(bench.track(number))["deliveryInformation"]
    assert "signature" not in package(bench.track(unsigned, returnSignature="true"))["deliveryInformation"]
    bench.command("set", signatures=False)
    assert "signature" not in package(bench.track(number, returnSignature="true"))["deliveryInformation"]


def test_quirk_members_that_may_be_null_or_absent_are() -> None:
    bench = Bench(sparse_tracking=True)
    number = bench.bought()
    bench.command("progress", tracking_number=number, signed=False)
    found = bench.track(number, returnSignature="true")
    assert "inquiryNumber" not in found
    view = package(found)
    assert view["deliveryInformation"]["signature"] is None
    assert (view["activity"][-1]["location"], view["activity"][-1]["status"]["code"]) == (None, None)


def test_a_stranger_sees_the_package_but_not_who_took_it() -> None:
    mine, stranger = Client("mine", "s", ("A1B2C3",)), Client("stranger", "s", ("Z9Y8X7",))
    bench = Bench(clients=[mine, stranger])
    bench.use(mine)
    number = bench.bought()
    bench.command("progress", tracking_number=number)
    bench.use(stranger)
    view = package(bench.track(number, returnSignature="true"))
    assert view["currentStatus"]["statusCode"] == "011"
    assert "deliveryInformation" not in view


def test_milestones_only_when_asked() -> None:
    bench = Bench()
    number = bench.bought()
    bench.command("progress", tracking_number=number, to="out_for_delivery")
    assert "milestones" not in package(bench.track(number))
    states = {
        each["category"]: each["state"] for each in package(bench.track(number, returnMilestones="true"))["milestones"]
    }
    assert states["out_for_delivery"] == "COMPLETE"
    assert states["delivered"] == "INCOMPLETE"


@pytest.mark.parametrize("event", EVENTS)
def test_every_event_shows_its_codes(event: str) -> None:
    bench = Bench()
    number = bench.bought()
    bench.wait(60)
    bench.command("scan", tracking_number=number, event=event)
    status = package(bench.track(number))["currentStatus"]
    if EVENTS[event].type == "U":
        assert status["statusCode"] == "003"  # an update is no scan
    else:
        assert (status["type"], status["code"], status["statusCode"]) == (
            EVENTS[event].type,
            EVENTS[event].code,
            EVENTS[event].status_code,
        )


@pytest.mark.parametrize("number", ["1ZA1B2C30300000093", "1Z12345E020527079", "000000000000", "not-a-number"])
def test_not_found_is_200_with_a_warning_and_no_package(number: str) -> None:
    found = Bench().track(number)
    assert warning(found) == "TW0001"
    assert found["inquiryNumber"] == number.upper()


@pytest.mark.parametrize("number", ["1Z", "123456", "1" * 35])
def test_a_number_of_the_wrong_length_is_400(number: str) -> None:
    reply = Bench().call("GET", f"/api/track/v1/details/{number}")
    assert (reply.status, codes(reply)) == (400, ["TV1002"])


def test_small_letters_and_blanks_are_forgiven() -> None:
    bench = Bench()
    number = bench.bought()
    assert package(bench.track(number.lower()))["trackingNumber"] == number
    assert package(bench.track(f"%20{number}"))["trackingNumber"] == number


@pytest.mark.parametrize(
    "query",
    ["locale=english", "returnSignature=True", "returnSignature=1", "returnPOD=yes", "signature=true"],
)
def test_wrong_query_values_are_refused(query: str) -> None:
    assert Bench().call("GET", "/api/track/v1/details/1ZA1B2C30300000012", query=query).status == 400


def test_a_label_appears_after_the_lag() -> None:
    bench = Bench(tracking_lag_seconds=60, reference_lag_seconds=120)
    number = bench.bought()
    bench.wait(60)
    assert package(bench.track(number))
    assert warning(bench.by_reference("000123")[0]) == "TW0001"
    bench.wait(60)
    assert package(bench.by_reference("000123")[0])


def test_labels_of_the_sandbox_are_not_trackable_unless_switched_on() -> None:
    bench = Bench(cie=True)
    number = bench.bought()
    assert warning(bench.track(number)) == "TW0001"
    bench.command("set", cie_trackable=True)
    assert package(bench.track(number))


def test_after_120_days_nothing_is_known() -> None:
    bench = Bench()
    number = bench.bought()
    bench.wait(120 * DAY)
    assert package(bench.track(number))
    bench.wait(1)
    assert warning(bench.track(number)) == "TW0001"


def test_a_reference_finds_every_shipment_with_it() -> None:
    bench = Bench()
    first = bench.bought(a_shipment("000123", packages=2))
    second = bench.bought(abroad(reference="000124"))
    found = bench.by_reference("SO004567")
    assert [shipment["package"][0]["trackingNumber"] for shipment in found] == [first, second]
    assert len(found[0]["package"]) == 2
    assert package(bench.by_reference("000124")[0])["referenceNumber"][0] == {"type": "SHIPMENT", "number": "000124"}


def test_the_default_window_is_fourteen_days_back_to_today() -> None:
    bench = Bench()
    bench.ship()
    bench.wait(14 * DAY)
    assert package(bench.by_reference("000123")[0])
    bench.wait(DAY)
    assert warning(bench.by_reference("000123")[0]) == "TW0001"
    assert package(bench.by_reference("000123", fromPickUpDate="20260701")[0])
    assert warning(bench.by_reference("000123", fromPickUpDate="20260701", toPickUpDate="20260712")[0]) == "TW0001"


def test_a_shipment_for_tomorrow_is_outside_the_default_window() -> None:
    bench = Bench()
    bench.ship(changed(a_shipment(), f"{S}.ShipmentDate", "20260715"))
    assert warning(bench.by_reference("000123")[0]) == "TW0001"
    assert package(bench.by_reference("000123", toPickUpDate="20260715")[0])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"shipperNum": "A1B2C3"}, True),
        ({"shipperNum": "Z9Y8X7"}, False),
        ({"destCountry": "US"}, True),
        ({"destCountry": "CA"}, False),
        ({"destZip": "11590"}, True),
        ({"destZip": "10118"}, False),
        ({"refNumType": "SmallPackage"}, True),
    ],
)
def test_the_filters_of_a_reference_search(query: dict[str, str], found: bool) -> None:
    bench = Bench()
    bench.ship()
    assert ("package" in bench.by_reference("000123", **query)[0]) is found


@pytest.mark.parametrize(
    "query",
    [
        {"fromPickUpDate": "2026-07-01"},
        {"fromPickUpDate": "20260732"},
        {"fromPickUpDate": "20260714", "toPickUpDate": "20260713"},
        {"shipperNum": "123"},
        {"refNumType": "Freight"},
        {"destCountry": "USA"},
        {"shipperNumber": "A1B2C3"},
    ],
)
def test_a_wrong_reference_query_is_refused(query: dict[str, str]) -> None:
    assert Bench().call("GET", "/api/track/v1/reference/details/000123", query=query).status == 400


def test_a_reference_with_a_slash_travels_encoded() -> None:
    bench = Bench()
    bench.ship(a_shipment("SO/12 3"))
    assert package(bench.by_reference("SO%2F12%203")[0])


def test_all_packages_of_a_shipment_come_page_by_page() -> None:
    bench = Bench()
    number = bench.bought(a_shipment(packages=3))

    def page(**query: str) -> list[str]:
        reply = bench.call("GET", f"/api/track/v1/shipment/details/{number}", query=query)
        assert reply.status == 200, reply.body
        [shipment] = document(reply)["trackResponse"]["shipment"]
        return [each["trackingNumber"] for each in shipment["package"]]

    everything = page()
    assert len(everything) == 3
    assert page(offset="0", count="2") + page(offset="2", count="2") == everything
    bench.simulator.dial.plan(Fault.PARTIAL, "shipment/details")
    assert page() == everything[:2]
    for query in ("count=0", "offset=-1", "count=all"):
        assert bench.call("GET", f"/api/track/v1/shipment/details/{number}", query=query).status == 400
    unknown = bench.call("GET", "/api/track/v1/shipment/details/1ZA1B2C30300000093")
    assert warning(document(unknown)["trackResponse"]["shipment"][0]) == "TW0001"


def test_commands_find_labels_by_number_shipment_or_reference_and_say_when_there_is_none() -> None:
    bench = Bench()
    number = bench.bought(a_shipment("R-1", packages=2))
    assert len(bench.command("scan", shipment_id=number, event="picked_up")) == 2
    assert len(bench.command("scan", reference="R-1", event="origin_scan")) == 2
    with pytest.raises(ValueError, match="no label"):
        bench.command("scan", reference="R-2", event="origin_scan")
    other = bench.bought()
    bench.void(other)
    with pytest.raises(ValueError, match="not voided"):
        bench.command("scan", tracking_number=other, event="origin_scan")


def test_a_voided_label_shows_as_voided() -> None:
    bench = Bench()
    number = bench.bought()
    bench.void(number)
    status = package(bench.track(number))["currentStatus"]
    assert (status["type"], status["statusCode"]) == ("MV", "007")
