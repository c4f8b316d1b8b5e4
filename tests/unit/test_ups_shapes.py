"""UPS's answers as they really come: one or many, blanks, polluted texts, missing parts."""

from __future__ import annotations

import base64
import copy
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.ups_samples import GIF, ONE, TWO, ZPL, bought, errors, example, money, reply
from vendors.ups.drafts import Money
from vendors.ups.shapes import (
    Classification,
    Recovery,
    Standing,
    Validity,
    parse_address,
    parse_push,
    parse_rates,
    parse_recovery,
    parse_ship,
    parse_subscription,
    parse_track,
    parse_transit,
    parse_void,
    push_key,
    read_ship,
    standing,
)
from vendors.ups.shapes.fields import as_list, image, present, text

THREE = "1ZA1B2C30300000030"


def results(document: dict[str, Any]) -> dict[str, Any]:
    part: dict[str, Any] = document["ShipmentResponse"]["ShipmentResults"]
    return part


# --- single members


def test_one_or_many() -> None:
    assert as_list(None) == as_list("") == as_list([]) == as_list([None, ""]) == []
    assert as_list({"a": 1}) == as_list([{"a": 1}]) == [{"a": 1}]


def test_texts_lose_the_literal_line_breaks() -> None:
    assert text({"Code": "&#xD;&#xD;&#xD;1"}, "Code") == "1"
    assert text({"d": "DELIVERED &#13;"}, "d") == "DELIVERED"
    assert text({"d": "Tom &#38; Co"}, "d") == "Tom &#38; Co"
    assert text({"d": 7}, "d") == "7"
    assert text({"d": " "}, "d") is None
    assert text({"d": None}, "d") is None
    assert text({"d": True}, "d") is None


def test_an_indicator_counts_by_presence() -> None:
    assert present({"ValidAddressIndicator": ""}, "ValidAddressIndicator")
    assert not present({}, "ValidAddressIndicator")


@pytest.mark.parametrize(
    ("content", "stated", "form"),
    [
        (b"^XA^XZ", "ZPL", "ZPL"),
        (b"\n^XA^XZ", "zpl", "ZPL"),
        (b"GIF89a...", "ZPL", "GIF"),  # the bytes win
        (b"\x89PNG\r\n", "GIF", "PNG"),
        (b"%PDF-1.7", None, "PDF"),
        (b"\nN\nA1", "EPL", "EPL"),
    ],
)
def test_an_image_is_what_its_bytes_are(content: bytes, stated: str | None, form: str) -> None:
    found = image(base64.b64encode(content).decode(), stated)
    assert (found.form, found.content) == (form, content)
    assert found.suffix == f".{form.lower()}"
    assert "content" not in repr(found)


@pytest.mark.parametrize(
    ("encoded", "words"),
    [(None, "no image"), ("", "no image"), ("%%%", "not base64"), ("aGVsbG8=", "not of a known format")],
)
def test_a_damaged_image_says_so(encoded: str | None, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        image(encoded, "ZPL")


# --- Ship: the test of success of the facts, part by part


def test_the_stored_answer(shared: Path) -> None:
    found = parse_ship(example(shared, "ship-response.v2409.two-packages.json"), 2)
    assert found.shipment_id == ONE
    assert found.tracking_numbers == (ONE, TWO)
    assert found.cost == found.published == Money(Decimal("31.20"), "USD")
    assert found.negotiated is None
    assert found.lacks_negotiated_rates
    assert found.billing_weight == Decimal("26.0")
    assert found.context == "acu-shp-000123"
    assert [package.label.form for package in found.packages if package.label] == ["ZPL", "ZPL"]
    assert found.notes == ()


def test_negotiated_charges_are_the_cost() -> None:
    found = parse_ship(bought(ONE, NegotiatedRateCharges={"TotalCharge": money("20.11")}), 1)
    assert found.cost == found.negotiated == Money(Decimal("20.11"), "USD")
    assert found.published == Money(Decimal("31.20"), "USD")


def test_single_objects_and_empty_texts() -> None:
    document = bought(ONE)
    results(document)["PackageResults"] = results(document)["PackageResults"][0]
    document["ShipmentResponse"]["Response"]["Alert"] = {"Code": "120900", "Description": "x "}
    results(document)["Disclaimer"] = ""
    found = parse_ship(document, 1)
    assert found.tracking_numbers == (ONE,)
    assert found.alerts[0].description == "x"


def broken(change: str) -> dict[str, Any]:
    document = bought(ONE, TWO)
    part, response = results(document), document["ShipmentResponse"]["Response"]
    match change:
        case "code 0":
            response["ResponseStatus"]["Code"] = "0"
        case "no status":
            del response["ResponseStatus"]
        case "no id":
            part["ShipmentIdentificationNumber"] = ""
        case "no packages":
            part["PackageResults"] = []
        case "too few":
            part["PackageResults"].pop()
        case "too many":
            part["PackageResults"].append({"TrackingNumber": THREE})
        case "no number":
            part["PackageResults"][1]["TrackingNumber"] = " "
        case "same number":
            part["PackageResults"][1]["TrackingNumber"] = ONE
        case "errors":
            document |= errors("120202")
        case "no results":
            document["ShipmentResponse"]["ShipmentResults"] = ""
        case "other root":
            document = {"RateResponse": document["ShipmentResponse"]}
    return document


@pytest.mark.parametrize(
    "change",
    ["code 0", "no status", "no id", "no packages", "too few", "too many", "no number", "same number", "errors",
     "no results", "other root"],
)  # fmt: skip
def test_less_than_a_whole_success_is_none(change: str) -> None:
    with pytest.raises(ValueError, match="UPS"):
        parse_ship(broken(change), 2)


@pytest.mark.parametrize(
    ("status", "body"), [(201, bought(ONE)), (206, bought(ONE)), (200, b'{"ShipmentResponse": '), (200, b"<html>"),
                         (200, b"[]"), (200, b"null")]
)  # fmt: skip
def test_only_a_readable_200_is_a_success(status: int, body: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the text is JSON's or ours
        read_ship(reply(body, status), 1)


def test_a_bought_package_with_a_damaged_label_is_bought_all_the_same() -> None:
    document = bought(ONE, TWO)
    results(document)["PackageResults"][1]["ShippingLabel"]["GraphicImage"] = "%%%"
    del results(document)["PackageResults"][0]["ShippingLabel"]
    found = parse_ship(document, 2)
    assert found.tracking_numbers == (ONE, TWO)
    assert [package.label for package in found.packages] == [None, None]
    assert found.notes == (f"{ONE}: there is no image", f"{TWO}: the image is not base64")


@pytest.mark.parametrize("charges", [{}, {"TotalCharges": {"CurrencyCode": "USD", "MonetaryValue": "about 5"}},
                                     {"TotalCharges": {"MonetaryValue": "5"}}, ""])  # fmt: skip
def test_unreadable_charges_are_none_and_noted(charges: Any) -> None:
    found = parse_ship(bought(ONE, ShipmentCharges=charges), 1)
    assert found.cost is None
    assert found.notes == ("the published charges are missing or cannot be read",)


def test_an_unreadable_negotiated_charge_is_noted() -> None:
    found = parse_ship(bought(ONE, NegotiatedRateCharges={"TotalCharge": money("x")}), 1)
    assert found.notes == ("the negotiated charges cannot be read",)


def test_customs_forms_come_along() -> None:
    pdf = base64.b64encode(b"%PDF-1.7").decode()
    form = {"Image": {"ImageFormat": {"Code": "PDF"}, "GraphicImage": pdf}}
    assert [found.form for found in parse_ship(bought(ONE, Form=form), 1).forms] == ["PDF"]


# --- Void


def voided(code: str = "1", **more: Any) -> dict[str, Any]:
    status = {"ResponseStatus": {"Code": "1"}}
    return {"VoidShipmentResponse": {"Response": status, "SummaryResult": {"Status": {"Code": code}}, **more}}


def one_package(number: str, code: str) -> dict[str, Any]:
    return {"TrackingNumber": number, "Status": {"Code": code, "Description": "x"}}


def test_voids(shared: Path) -> None:
    assert parse_void(example(shared, "void-response.json")).voided
    assert parse_void(voided("&#xD;&#xD;&#xD;1")).voided
    assert not parse_void(voided("0")).voided
    already = parse_void(errors("190117"))
    assert already.voided
    assert already.already


@pytest.mark.parametrize("key", ["PackageLevelResults", "PackageLevelResult"])
@pytest.mark.parametrize("many", [True, False])
def test_voids_of_packages(key: str, many: bool) -> None:
    package = one_package(ONE, "&#xD;1")
    assert parse_void(voided("1", **{key: [package] if many else package})).voided
    half = parse_void(voided("1", **{key: [package, one_package(TWO, "0")]}))
    assert not half.voided
    assert half.refused == (TWO,)


@pytest.mark.parametrize(
    "document",
    [errors("190102"), {}, {"VoidShipmentResponse": {"Response": {"ResponseStatus": {"Code": "1"}}}},
     {"VoidShipmentResponse": {"Response": "", "SummaryResult": {"Status": {"Code": "1"}}}}],
)  # fmt: skip
def test_a_void_that_says_nothing_is_unreadable(document: Any) -> None:
    with pytest.raises(ValueError, match="UPS"):
        parse_void(document)


# --- Label Recovery


def recovered(**more: Any) -> dict[str, Any]:
    return {"LabelRecoveryResponse": {"Response": {"ResponseStatus": {"Code": "1"}}, **more}}


def label(number: str | None = ONE) -> dict[str, Any]:
    found: dict[str, Any] = {"LabelImage": {"LabelImageFormat": {"Code": "zpl"}, "GraphicImage": ZPL}}
    return found | ({"TrackingNumber": number} if number else {})


@pytest.mark.parametrize("many", [True, False])
def test_a_found_label(many: bool) -> None:
    found = parse_recovery(
        recovered(ShipmentIdentificationNumber=ONE, LabelResults=[label(), label(TWO)] if many else label(None))
    )
    assert found.verdict is Recovery.FOUND
    assert found.shipment_id == ONE
    assert found.tracking_numbers == ((ONE, TWO) if many else (ONE,))
    assert found.labels[0].label is not None
    assert found.labels[0].label.form == "ZPL"


@pytest.mark.parametrize(
    ("code", "verdict", "proof"),
    [
        ("9801031", Recovery.NOT_FOUND, False),
        ("9801040", Recovery.VOIDED, True),
        ("9800020", Recovery.EXISTS, True),
        ("9801028", Recovery.EXISTS, True),
        ("9801041", Recovery.EXISTS, True),
        ("9801042", Recovery.EXISTS, True),
    ],
)
def test_refusals_that_are_verdicts(code: str, verdict: Recovery, proof: bool) -> None:
    found = parse_recovery(errors(code))
    assert (found.verdict, found.code, found.proves_a_label) == (verdict, code, proof)


def test_proof_of_existence_wins_over_not_found() -> None:
    assert parse_recovery(errors("9801031", "9801028")).verdict is Recovery.EXISTS


def test_candidates_prove_something() -> None:
    found = parse_recovery(recovered(TrackingCandidate=[{"TrackingNumber": ONE}, {"TrackingNumber": TWO}]))
    assert found.verdict is Recovery.CANDIDATES
    assert found.tracking_numbers == (ONE, TWO)
    assert found.proves_a_label


@pytest.mark.parametrize("document", [recovered(), recovered(LabelResults=""), errors("120500"), {}, []])
def test_an_answer_without_verdict_is_unreadable(document: Any) -> None:
    with pytest.raises(ValueError, match="UPS"):
        parse_recovery(document)


# --- addresses


def test_the_stored_address(shared: Path) -> None:
    found = parse_address(example(shared, "xav-response.valid.json"))
    assert found.validity is Validity.VALID
    assert found.classification is Classification.RESIDENTIAL
    assert found.residential is True
    assert found.candidates[0].line == "123 MAPLE CT APT 4B, WESTBURY, NY 11590-1234, US"


def xav(indicator: str | None, classification: str | None = None, **more: Any) -> dict[str, Any]:
    part: dict[str, Any] = {"Response": {"ResponseStatus": {"Code": "1"}}, **more}
    part |= {indicator: ""} if indicator else {}
    part |= {"AddressClassification": {"Code": classification, "Description": "x"}} if classification else {}
    return {"XAVResponse": part}


@pytest.mark.parametrize(
    ("indicator", "code", "validity", "residential"),
    [
        ("ValidAddressIndicator", "1", Validity.VALID, False),
        ("ValidAddressIndicator", "2", Validity.VALID, True),
        ("ValidAddressIndicator", "0", Validity.VALID, None),
        ("ValidAddressIndicator", None, Validity.VALID, None),
        ("AmbiguousAddressIndicator", "2", Validity.AMBIGUOUS, None),
        ("NoCandidatesIndicator", "0", Validity.NONE, None),
        (None, "1", Validity.UNSAID, None),
    ],
)
def test_verdicts(indicator: str | None, code: str | None, validity: Validity, residential: bool | None) -> None:
    found = parse_address(xav(indicator, code))
    assert (found.validity, found.residential) == (validity, residential)


def test_a_single_candidate_with_a_single_line() -> None:
    key = {"AddressLine": "1-3 E MAIN ST", "CountryCode": "US"}
    found = parse_address(xav("AmbiguousAddressIndicator", Candidate={"AddressKeyFormat": key}))
    assert found.candidates[0].lines == ("1-3 E MAIN ST",)
    assert found.candidates[0].line == "1-3 E MAIN ST, US"
    assert "MAIN" not in repr(found)


def test_two_verdicts_at_once_are_none() -> None:
    with pytest.raises(ValueError, match="two verdicts"):
        parse_address(xav("ValidAddressIndicator", NoCandidatesIndicator=""))


# --- rates and transit


def offer(service: str, total: str, **more: Any) -> dict[str, Any]:
    return {"Service": {"Code": service, "Description": ""}, "TotalCharges": money(total), **more}


def rated(offers: Any) -> dict[str, Any]:
    return {"RateResponse": {"Response": {"ResponseStatus": {"Code": "1"}}, "RatedShipment": offers}}


def test_offers() -> None:
    times = {
        "ServiceSummary": {
            "SaturdayDelivery": "0",
            "EstimatedArrival": {"Arrival": {"Date": "20260304", "Time": "103000"}, "BusinessDaysInTransit": "2"},
        }
    }
    found = parse_rates(
        rated([
            offer("02", "30.00", NegotiatedRateCharges={"TotalCharge": money("20.10")}, TimeInTransit=times),
            offer("02", "46.00", ItemizedCharges={"Code": "300", **money("16.00")}),
            offer("03", "12.34", GuaranteedDelivery={"BusinessDaysInTransit": "5"}),
        ])
    ).offers  # fmt: skip
    assert [rate.service for rate in found] == ["02", "02", "03"]
    assert found[0].cost == Money(Decimal("20.10"), "USD")
    assert (found[0].arrival, found[0].arrival_time, found[0].business_days) == (date(2026, 3, 4), "10:30:00", 2)
    assert [rate.saturday for rate in found] == [False, True, False]
    assert found[2].business_days == 5


def test_a_single_offer_is_an_object() -> None:
    assert len(parse_rates(rated(offer("03", "12.34"))).offers) == 1


@pytest.mark.parametrize(
    "document",
    [rated([]), rated(offer("03", "x")), rated(offer("03", "1", NegotiatedRateCharges={"TotalCharge": money("x")})),
     errors("111210"), rated(offer("", "1"))],
)  # fmt: skip
def test_a_price_that_cannot_be_read_is_no_price(document: Any) -> None:
    with pytest.raises(ValueError, match="UPS"):
        parse_rates(document)


def test_transit() -> None:
    service = {
        "serviceLevel": "GND", "serviceLevelDescription": "UPS Ground", "businessTransitDays": 2,
        "deliveryDate": "2026-03-04", "deliveryTime": "23:00:00",
    }  # fmt: skip
    found = parse_transit({"emsResponse": {"services": [service]}})
    assert found.is_answered
    assert (found.services[0].level, found.services[0].arrival) == ("GND", date(2026, 3, 4))
    places = [{"city": "AURORA", "postalCode": "1"}]
    ambiguous = parse_transit({"validationList": {"destinationAmbiguous": True}, "destinationPickList": places})
    assert not ambiguous.is_answered
    assert ambiguous.ambiguous == ("AURORA 1",)
    with pytest.raises(ValueError, match="UPS"):
        parse_transit({})


# --- tracking


def test_the_stored_delivery(shared: Path) -> None:
    found = parse_track(example(shared, "track-response.delivered.json"))
    package = found.package("1za1b2c30300000012 ")
    assert package is not None
    assert package.standing is Standing.DELIVERED
    assert package.is_final
    assert [activity.standing for activity in package.activities] == [
        Standing.DELIVERED, Standing.OUT_FOR_DELIVERY, Standing.LABEL_ONLY,
    ]  # fmt: skip
    assert package.latest is not None
    assert package.latest.at == datetime(2026, 7, 15, 18, 32, 7, tzinfo=UTC)
    assert package.latest.local == "2026-07-15T14:32:07"
    assert package.latest.place == "WESTBURY, NY, US"
    delivery = package.delivery
    assert delivery is not None
    assert (delivery.day, delivery.time, delivery.at) == (date(2026, 7, 15), "14:32:07", package.latest.at)
    assert (delivery.received_by, delivery.location) == ("SMITH", "Front Desk")
    assert delivery.signature is not None
    assert delivery.signature.form == "GIF"
    assert package.references == ("000123", "SO004567")
    assert package.packages_in_shipment == 2
    assert found.picked_up == date(2026, 7, 13)
    assert "SMITH" not in repr(found)


def test_not_found_is_a_200(shared: Path) -> None:
    found = parse_track(example(shared, "track-response.not-found.json"))
    assert not found.found
    assert found.warnings == (("TW0001", "Tracking Information Not Found"),)
    assert not parse_track({"trackResponse": {"shipment": [{"package": None, "warnings": None}]}}).found


def scan(day: str, time: str, type_: str = "I", status: str = "005", **more: Any) -> dict[str, Any]:
    return {"date": day, "time": time, "status": {"type": type_, "code": "DP", "statusCode": status}, **more}


def tracked(*activities: dict[str, Any], **more: Any) -> dict[str, Any]:
    package = {"trackingNumber": ONE, "activity": list(activities), **more}
    return {"trackResponse": {"shipment": [{"inquiryNumber": ONE, "package": [package]}]}}


def test_scans_are_sorted_by_instant_where_all_have_one() -> None:
    package = parse_track(
        tracked(
            scan("20260715", "080000", gmtDate="20260715", gmtTime="12:00:00"),
            scan("20260715", "073000", gmtDate="20260715", gmtTime="14:30:00"),  # further west, later
        )
    ).packages[0]
    assert [activity.local for activity in package.activities] == ["2026-07-15T07:30:00", "2026-07-15T08:00:00"]
    mixed = parse_track(tracked(scan("20260715", "080000"), scan("20260715", "090000", gmtOffset="-04:00"))).packages[0]
    assert [activity.local for activity in mixed.activities] == ["2026-07-15T08:00:00", "2026-07-15T09:00:00"]
    assert mixed.activities[0].at is None


def test_tracking_survives_what_ups_leaves_out() -> None:
    document = tracked(
        {"location": None, "status": {"type": "I", "code": None, "description": "ON THE WAY "}},
        {"location": {"address": None}, "status": None},
        suppressionIndicators="DETAIL",
        deliveryInformation={"signature": None, "deliveryPhoto": {"photoCaptureInd": "Y"}},
        deliveryDate={"type": "SDD", "date": "20260716"},
    )
    document["trackResponse"]["shipment"][0]["userRelation"] = "MYCHOICE_HOME"
    package = parse_track(document).packages[0]
    assert package.promised == date(2026, 7, 16)
    assert package.activities[0].description == "ON THE WAY"
    assert package.standing is Standing.IN_TRANSIT
    assert package.delivery is None


def test_a_scan_keeps_its_key_and_others_differ() -> None:
    first = parse_track(tracked(scan("20260715", "080000"), scan("20260715", "080000", "D", "011"))).packages[0]
    again = parse_track(copy.deepcopy(tracked(scan("20260715", "080000")))).packages[0]
    keys = {activity.key(ONE) for activity in first.activities}
    assert len(keys) == 2
    assert again.activities[0].key(ONE) in keys


@pytest.mark.parametrize("document", [{}, {"trackResponse": None}, {"trackResponse": []}, [], None])
def test_an_answer_that_is_no_tracking_is_unreadable(document: Any) -> None:
    with pytest.raises(ValueError, match="UPS"):
        parse_track(document)


@pytest.mark.parametrize(
    ("type_", "code", "on_record", "wanted"),
    [
        ("D", "011", False, Standing.DELIVERED),
        ("D", "026", False, Standing.DELIVERED),
        ("D", "156", False, Standing.DELIVERED),
        ("D", None, True, Standing.DELIVERED),
        ("D", None, False, Standing.UNKNOWN),
        ("D", "005", True, Standing.UNKNOWN),
        ("", "011", False, Standing.DELIVERED),
        ("I", "011", False, Standing.UNKNOWN),
        ("D", "021", True, Standing.OUT_FOR_DELIVERY),
        ("D", "072", False, Standing.OUT_FOR_DELIVERY),
        ("D", "034", True, Standing.RETURNED),
        ("D", "067", True, Standing.RETURNED),
        ("D", "081", True, Standing.RETURNED),
        ("I", "033", False, Standing.RETURNING),
        ("D", "161", True, Standing.AT_PICKUP_POINT),
        ("D", "040", False, Standing.AT_PICKUP_POINT),
        ("I", "017", False, Standing.AT_PICKUP_POINT),
        ("X", None, False, Standing.EXCEPTION),
        ("X", "007", False, Standing.VOIDED),
        ("I", "059", False, Standing.EXCEPTION),
        ("M", "003", False, Standing.LABEL_ONLY),
        ("M", None, False, Standing.LABEL_ONLY),
        ("MV", None, False, Standing.VOIDED),
        ("X", "043", False, Standing.EXCEPTION),  # a voided pickup, not a voided shipment
        ("X", "068", False, Standing.LOST),
        ("I", "147", False, Standing.LOST),
        ("I", "005", False, Standing.IN_TRANSIT),
        ("I", None, False, Standing.IN_TRANSIT),
        ("P", None, False, Standing.IN_TRANSIT),
        ("O", None, False, Standing.OUT_FOR_DELIVERY),
        ("RS", None, False, Standing.RETURNING),
        ("U", "154", False, Standing.UPDATE),
        ("NA", "000", False, Standing.UNKNOWN),
        ("ZZ", None, True, Standing.UNKNOWN),
        (None, None, True, Standing.UNKNOWN),
    ],
)
def test_what_a_scan_means(type_: str | None, code: str | None, on_record: bool, wanted: Standing) -> None:
    assert standing(type_, code, delivered_on_record=on_record) is wanted


# --- Track Alert


def test_subscriptions_are_compared_with_what_was_asked() -> None:
    partial = {"validTrackingNumbers": [f" {ONE}"], "invalidTrackingNumbers": [TWO]}
    found = parse_subscription(partial, [ONE, TWO, THREE])
    assert (found.valid, found.invalid, found.unanswered) == ((ONE,), (TWO,), (THREE,))
    refused = parse_subscription({**errors("VSS210"), "invalidTrackingNumbers": [ONE]}, [ONE, TWO])
    assert (refused.invalid, refused.unanswered) == ((ONE,), (TWO,))
    both = parse_subscription({"validTrackingNumbers": [ONE], "invalidTrackingNumbers": [ONE]}, [ONE])
    assert (both.valid, both.invalid) == ((ONE,), ())
    bare = parse_subscription({"errors": [{"code": "VSS215"}]}, [ONE, TWO])
    assert bare.invalid == (ONE, TWO)
    with pytest.raises(ValueError, match="names no tracking number"):
        parse_subscription({}, [ONE])


def test_the_stored_pushes(shared: Path) -> None:
    out = parse_push(example(shared, "track-alert-push.out-for-delivery.json"))
    assert out.standing is Standing.OUT_FOR_DELIVERY
    assert out.at == datetime(2024, 4, 23, 13, 15, 19, tzinfo=UTC)
    assert (out.scheduled, out.delivered, out.received_by) == (date(2024, 4, 23), None, None)
    done = parse_push(example(shared, "track-alert-push.delivered.json"))
    assert done.standing is Standing.DELIVERED
    assert (done.delivered, done.delivered_time, done.received_by) == (date(2024, 4, 23), "09:50:04", "John")
    assert done.local == "2024-04-23T09:50:04"
    assert out.key == "1Z204W4R0308071865#20240423#131519#I#OT"
    assert done.key != out.key
    assert "John" not in repr(done)


def push(**more: Any) -> dict[str, Any]:
    return {"trackingNumber": f"  {ONE} ", "activityStatus": {"type": "D", "code": "FS"}, **more}


def test_type_d_alone_is_no_delivery() -> None:
    assert parse_push(push()).standing is Standing.UNKNOWN
    assert parse_push(push(actualDeliveryDate="")).standing is Standing.UNKNOWN
    assert parse_push(push(actualDeliveryDate="20260304")).standing is Standing.DELIVERED
    loaded = {"type": "D", "code": "LD", "descriptionCode": "072"}
    assert parse_push(push(activityStatus=loaded, actualDeliveryDate="20260304")).standing is Standing.OUT_FOR_DELIVERY


def test_a_push_without_gmt_is_named_by_its_local_time() -> None:
    event = parse_push(push(localActivityDate="20260304", localActivityTime="101500"))
    assert event.key == f"{ONE}#20260304#101500#D#FS"
    assert event.at is None
    assert event.tracking_number == ONE


def test_the_photo_of_an_enhanced_push() -> None:
    for photo in (GIF, {"photo": GIF}):
        found = parse_push(push(deliveryPhoto=photo)).photo
        assert found is not None
        assert found.form == "GIF"
    assert parse_push(push(deliveryPhoto="")).photo is None


@pytest.mark.parametrize("document", [{}, {"trackingNumber": ONE}, {"activityStatus": {"type": "D"}}, [], "x", None])
def test_a_push_without_number_or_status_is_refused(document: Any) -> None:
    with pytest.raises(ValueError, match="UPS"):
        parse_push(document)


_KEYS = st.sampled_from(
    ["trackingNumber", "activityStatus", "type", "code", "gmtActivityDate", "localActivityTime", "trackResponse",
     "shipment", "package", "activity", "status", "location", "address", "deliveryDate", "date", "warnings",
     "ShipmentResponse", "Response", "ResponseStatus", "Code", "ShipmentResults", "PackageResults", "TrackingNumber"]
)  # fmt: skip
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=5),
    max_leaves=25,
)


@given(_JSON)
def test_whatever_comes_is_read_or_refused_with_a_reason(document: Any) -> None:
    parsers = (
        parse_track, parse_push, parse_void, parse_recovery, parse_address, parse_rates, parse_transit,
        lambda value: parse_ship(value, 1), lambda value: parse_subscription(value, [ONE]),
    )  # fmt: skip
    for parse in parsers:
        reason = "UPS "
        try:
            parse(document)
        except ValueError as error:
            reason = str(error)
        assert reason.startswith("UPS ")


def test_pushes_are_named_at_the_edge_without_heavy_imports() -> None:
    code = (
        "import sys; from vendors.ups.shapes import push_key; "
        "assert not {'pydantic', 'requests', 'boto3'} & set(sys.modules)"
    )
    root = Path(__file__).resolve().parents[2]
    subprocess.run([sys.executable, "-c", code], check=True, cwd=root / "layers" / "connector")


@given(st.dictionaries(_KEYS, _JSON, max_size=6))
def test_the_key_of_a_push_is_total(document: dict[str, Any]) -> None:
    assert isinstance(push_key(document), str)
