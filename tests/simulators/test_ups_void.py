"""Void and label recovery: what can be taken back, what can be had again, and what a refusal proves."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from local.simulators.base import Fault, Reply
from local.simulators.ups import Client
from tests.simulators.ups_bench import Bench, a_shipment, changed, codes, document

RECOVERY = "/api/labels/v1/recovery"
DAY = 86400
MINE = Client("mine", "s", ("A1B2C3",))
OTHER = Client("other", "s", ("Z9Y8X7",))


def numbers_of(bench: Bench, packages: int = 2) -> list[str]:
    results = bench.ship(a_shipment(packages=packages))["ShipmentResults"]["PackageResults"]
    return [each["TrackingNumber"] for each in results]


def voided(bench: Bench) -> list[bool]:
    return [each["voided"] for each in bench.labels()]


def test_a_whole_shipment_is_voided_once() -> None:
    bench = Bench()
    first, _ = numbers_of(bench)
    answer = document(bench.void(first))["VoidShipmentResponse"]
    assert answer["Response"]["ResponseStatus"]["Code"] == "1"
    assert answer["SummaryResult"]["Status"] == {"Code": "1", "Description": "Voided"}
    assert "PackageLevelResults" not in answer
    assert voided(bench) == [True, True]
    assert bench.simulator.holdings()["billed"] == {}
    again = bench.void(first)
    assert (again.status, codes(again)) == (400, ["190117"])
    assert bench.labels()[0]["status"] == "007"


def test_packages_are_voided_one_by_one() -> None:
    bench = Bench()
    first, second = numbers_of(bench)
    rows = document(bench.void(first, second))["VoidShipmentResponse"]["PackageLevelResults"]
    assert rows == [{"TrackingNumber": second, "Status": {"Code": "1", "Description": "Voided"}}]
    assert voided(bench) == [False, True]
    both = document(bench.void(first, json.dumps([first, second])))["VoidShipmentResponse"]
    assert [row["Status"]["Code"] for row in both["PackageLevelResults"]] == ["1", "1"]  # again is voided too
    assert voided(bench) == [True, True]
    assert codes(bench.void(first)) == ["190117"]


def test_a_number_of_another_shipment_is_not_voided() -> None:
    bench = Bench()
    first, other = bench.bought(), bench.bought()
    answer = document(bench.void(first, other))["VoidShipmentResponse"]
    assert answer["SummaryResult"]["Status"]["Code"] == "0"
    assert answer["PackageLevelResults"][0]["Status"]["Code"] == "0"
    assert voided(bench) == [False, False]


@pytest.mark.parametrize(
    ("packages", "code"),
    [
        ("string", "190102"),
        ("", "190102"),
        ("1za1b2c30300000012", "190102"),
        ('["1ZA1B2C30300000012"', "190109"),
        ("[]", "190109"),
        ("[1]", "190102"),
        (json.dumps(["1ZA1B2C30300000012"] * 21), "190109"),
    ],
)
def test_wrong_package_numbers_void_nothing(packages: str, code: str) -> None:
    bench = Bench()
    reply = bench.void(bench.bought(), packages)
    assert (reply.status, codes(reply)) == (400, [code])
    assert voided(bench) == [False]


def test_unknown_foreign_second_and_malformed_numbers_are_not_found() -> None:
    bench = Bench(clients=[MINE, OTHER])
    bench.use(MINE)
    first, second = numbers_of(bench)
    for number in ("1ZA1B2C30300000093", second, "1Z", "string"):
        assert codes(bench.void(number)) == ["190102"]
    bench.use(OTHER)
    assert codes(bench.void(first)) == ["190102"]
    assert voided(bench) == [False, False]


def test_too_late_after_the_period_and_once_ups_has_the_package() -> None:
    bench = Bench(void_days=28)
    old, moving = bench.bought(), bench.bought()
    bench.command("scan", tracking_number=moving, event="picked_up")
    assert codes(bench.void(moving)) == ["190101"]
    bench.wait(28 * DAY + 1)
    assert codes(bench.void(old)) == ["190102"]
    assert voided(bench) == [False, False]


def test_quirks_of_void_answers() -> None:
    bench = Bench(void_singular=True, single_as_object=True, void_polluted=True)
    number = bench.bought()
    answer = document(bench.void(number, number))["VoidShipmentResponse"]
    assert answer["PackageLevelResult"]["Status"]["Code"] == "&#xD;&#xD;&#xD;1"
    assert answer["SummaryResult"]["Status"]["Description"].endswith("Voided")


def test_the_test_numbers_of_the_sandbox() -> None:
    bench = Bench(cie=True)
    assert bench.void("1Z2220060290602143").status == 200
    assert bench.void("1Z2220060294314162", "1Z2220060291994175").status == 200
    assert codes(bench.void("1Z2220060294314162", "1Z2220060290602143")) == ["190102"]
    assert codes(bench.void("1Z2220060292634221")) == ["190102"]
    assert codes(Bench().void("1Z2220060290602143")) == ["190102"]


def test_a_void_takes_no_body() -> None:
    bench = Bench()
    number = bench.bought()
    assert bench.call("DELETE", f"/api/shipments/v2409/void/cancel/{number}", {"x": 1}).status == 400
    assert voided(bench) == [False]


def by_number(number: str, code: str | None = "ZPL") -> dict[str, Any]:
    label = {} if code is None else {"LabelImageFormat": {"Code": code}}
    return {"LabelRecoveryRequest": {"LabelSpecification": label, "TrackingNumber": number}}


def by_reference(value: str, account: str = "A1B2C3") -> dict[str, Any]:
    reference = {"ReferenceNumber": {"Value": value}, "ShipperNumber": account}
    label = {"LabelImageFormat": {"Code": "ZPL"}}
    return {"LabelRecoveryRequest": {"LabelSpecification": label, "ReferenceValues": reference}}


def recover(bench: Bench, body: dict[str, Any]) -> Reply:
    return bench.call("POST", RECOVERY, body)


def results(reply: Reply) -> dict[str, Any]:
    assert reply.status == 200, reply.body
    found: dict[str, Any] = document(reply)["LabelRecoveryResponse"]
    return found


@pytest.mark.parametrize(
    ("code", "magic"), [("ZPL", b"\n^XA"), ("GIF", b"GIF89a"), ("PDF", b"%PDF-"), ("EPL", b"\nN\n"), ("SPL", b"SPL")]
)
def test_a_label_is_had_again_in_another_format(code: str, magic: bytes) -> None:
    bench = Bench()
    number = bench.bought()
    answer = results(recover(bench, by_number(number, code)))
    image = answer["LabelResults"][0]["LabelImage"]
    assert answer["ShipmentIdentificationNumber"] == number
    assert image["LabelImageFormat"]["Code"] == code
    assert base64.b64decode(image["GraphicImage"]).startswith(magic)
    assert len(bench.labels()) == 1


def test_without_a_format_html_comes() -> None:
    bench = Bench()
    image = results(recover(bench, by_number(bench.bought(), None)))["LabelResults"][0]["LabelImage"]
    assert image["LabelImageFormat"]["Code"] == "HTML"
    assert b"<html" in base64.b64decode(image["HTMLImage"])


def test_by_reference_every_label_of_the_one_shipment_and_with_pdf_one_image() -> None:
    bench = Bench()
    pair = numbers_of(bench)
    rows = results(recover(bench, by_reference("000123")))["LabelResults"]
    assert [row["TrackingNumber"] for row in rows] == pair
    body = changed(by_reference("000123"), "LabelRecoveryRequest.LabelSpecification.LabelImageFormat.Code", "PDF")
    assert ["LabelImage" in row for row in results(recover(bench, body))["LabelResults"]] == [True, False]


def test_several_shipments_with_a_reference_are_candidates_for_thirty_days() -> None:
    bench = Bench()
    pair = [bench.bought(), bench.bought()]
    answer = results(recover(bench, by_reference("SO004567")))
    assert [each["TrackingNumber"] for each in answer["TrackingCandidate"]] == pair
    assert answer["LabelResults"] == []
    assert answer["TrackingCandidate"][0]["DestinationPostalCode"] == "11590"
    bench.wait(30 * DAY + 1)
    assert codes(recover(bench, by_reference("SO004567"))) == ["9801031"]


REFUSALS: dict[str, tuple[str, str]] = {
    "unknown": ("9801031", ""),
    "voided": ("9801040", "void"),
    "on its way": ("9801028", "scan"),
    "expired": ("9800020", "wait"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_refusal_tells_not_found_from_existing(case: str) -> None:
    code, act = REFUSALS[case]
    bench = Bench()
    number = bench.bought()
    if act == "void":
        bench.void(number)
    elif act == "scan":
        bench.command("scan", tracking_number=number, event="origin_scan")
    elif act == "wait":
        bench.wait(30 * DAY + 1)
    reply = recover(bench, by_number(number if act else "1ZA1B2C30300000093"))
    assert (reply.status, codes(reply)) == (400, [code])


def test_what_was_just_bought_is_not_processed_by_number_and_not_found_by_reference() -> None:
    bench = Bench(recovery_lag_seconds=30)
    number = bench.bought()
    assert codes(recover(bench, by_number(number))) == ["9801041"]
    assert codes(recover(bench, by_reference("000123"))) == ["9801031"]
    bench.wait(30)
    assert recover(bench, by_number(number)).status == 200
    assert recover(bench, by_reference("000123")).status == 200


def test_a_stale_recovery_knows_nothing_of_the_last_minute() -> None:
    bench = Bench()
    number = bench.bought()
    bench.simulator.dial.plan(Fault.STALE_READ, "POST .*/recovery", times=2)
    assert codes(recover(bench, by_number(number))) == ["9801031"]
    assert codes(recover(bench, by_reference("000123"))) == ["9801031"]
    assert recover(bench, by_number(number)).status == 200


def test_labels_of_others_are_not_found() -> None:
    bench = Bench(clients=[MINE, OTHER])
    bench.use(MINE)
    number = bench.bought()
    assert codes(recover(bench, by_reference("000123", "Z9Y8X7"))) == ["9801031"]
    bench.use(OTHER)
    assert codes(recover(bench, by_number(number))) == ["9801031"]
    assert codes(recover(bench, by_reference("000123", "Z9Y8X7"))) == ["9801031"]
    assert codes(recover(bench, by_reference("000123", "A1B2C3"))) == ["9801031"]


def test_forward_labels_may_not_be_recoverable_at_all() -> None:
    bench = Bench(forward_labels_recoverable=False)
    assert codes(recover(bench, by_number(bench.bought()))) == ["9801031"]


def test_quirks_of_recovery_answers() -> None:
    bench = Bench(lower_case_formats=True, single_as_object=True, empty_as_text=True)
    row = results(recover(bench, by_number(bench.bought())))["LabelResults"]
    assert (row["LabelImage"]["LabelImageFormat"]["Code"], row["Receipt"]) == ("zpl", "")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("LabelRecoveryRequest", ...),
        ("LabelRecoveryRequest.TrackingNumber", ...),
        ("LabelRecoveryRequest.TrackingNumber", "1Z"),
        ("LabelRecoveryRequest.TrackingNumber", 1),
        ("LabelRecoveryRequest.LabelSpecification", ...),
        ("LabelRecoveryRequest.LabelSpecification.LabelImageFormat", {}),
        ("LabelRecoveryRequest.LabelSpecification.LabelImageFormat.Code", "PNG"),
        ("LabelRecoveryRequest.LabelSpecification.LabelImageFormat.Code", "pdf"),
        ("LabelRecoveryRequest.LabelSpecification.LabelStockSize", {"Height": 6, "Width": "4"}),
        ("LabelRecoveryRequest.LabelSpecification.LabelStockSize", {"Height": "6"}),
        ("LabelRecoveryRequest.ReferenceValues", {"ReferenceNumber": {"Value": "1"}, "ShipperNumber": "A1B2C3"}),
        ("LabelRecoveryRequest.TrackingNumbers", ["1ZA1B2C30300000012"]),
    ],
)
def test_a_wrong_recovery_request_is_refused(path: str, value: Any) -> None:
    bench = Bench()
    assert recover(bench, changed(by_number(bench.bought()), path, value)).status == 400


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("ShipperNumber", ...),
        ("ShipperNumber", "12345"),
        ("ReferenceNumber", ...),
        ("ReferenceNumber.Value", "x" * 36),
        ("ReferenceNumber.Value", ""),
    ],
)
def test_a_wrong_reference_search_is_refused(path: str, value: Any) -> None:
    body = changed(by_reference("000123"), f"LabelRecoveryRequest.ReferenceValues.{path}", value)
    assert recover(Bench(), body).status == 400


def test_a_stock_size_is_only_for_printer_languages() -> None:
    bench = Bench()
    body = by_number(bench.bought(), "PDF")
    path = "LabelRecoveryRequest.LabelSpecification.LabelStockSize"
    assert recover(bench, changed(body, path, {"Height": "6", "Width": "4"})).status == 400
