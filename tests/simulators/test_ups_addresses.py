"""Address validation, Rating and Time in Transit."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from local.simulators.base import Reply
from tests.simulators.ups_bench import BERLIN, JANE, SHIPPER, TORONTO, Bench, changed, codes, document

XAV = "/api/addressvalidation/v2/3"
K = "XAVRequest.AddressKeyFormat"
PRESENCE = {"ValidAddressIndicator", "AmbiguousAddressIndicator", "NoCandidatesIndicator"}


def an_address(**changes: Any) -> dict[str, Any]:
    written = {
        "ConsigneeName": "Jane Smith",
        "AddressLine": ["123 Maple Ct", "Apt 4B"],
        "PoliticalDivision2": "Westbury",
        "PoliticalDivision1": "NY",
        "PostcodePrimaryLow": "11590",
        "CountryCode": "US",
        **changes,
    }
    return {"XAVRequest": {"AddressKeyFormat": {name: value for name, value in written.items() if value is not ...}}}


def verdict(reply: Reply) -> dict[str, Any]:
    assert reply.status == 200, reply.body
    found: dict[str, Any] = document(reply)["XAVResponse"]
    return found


def test_a_valid_home_is_present_empty_and_residential() -> None:
    found = verdict(Bench().call("POST", XAV, an_address()))
    assert PRESENCE & set(found) == {"ValidAddressIndicator"}
    assert found["ValidAddressIndicator"] == ""
    assert found["AddressClassification"] == {"Code": "2", "Description": "Residential"}
    [candidate] = found["Candidate"]
    assert candidate["AddressKeyFormat"]["AddressLine"] == ["123 MAPLE CT APT 4B"]
    assert candidate["AddressClassification"]["Code"] == "2"


def test_a_business_is_commercial() -> None:
    found = verdict(Bench().call("POST", XAV, an_address(AddressLine=["9 Dock Rd", "Suite 12"])))
    assert found["AddressClassification"]["Code"] == "1"


def test_another_city_is_ambiguous_with_candidates() -> None:
    found = verdict(Bench().call("POST", XAV, an_address(PoliticalDivision2="Hempstead")))
    assert PRESENCE & set(found) == {"AmbiguousAddressIndicator"}
    assert found["AddressClassification"]["Description"] == "Unknown"
    assert [each["AddressKeyFormat"]["PoliticalDivision2"] for each in found["Candidate"]] == ["WESTBURY"] * 2


@pytest.mark.parametrize(
    "changes",
    [
        {"AddressLine": ["Maple Ct"]},
        {"AddressLine": ...},
        {"PostcodePrimaryLow": "90001"},
        {"PostcodePrimaryLow": "1159"},
        {"PostcodePrimaryLow": ...},
        {"CountryCode": "PR"},
    ],
)
def test_what_cannot_be_has_no_candidates(changes: dict[str, Any]) -> None:
    found = verdict(Bench().call("POST", XAV, an_address(**changes)))
    assert PRESENCE & set(found) == {"NoCandidatesIndicator"}
    assert "Candidate" not in found


def test_unknown_addresses_can_be_switched_to_none() -> None:
    assert "NoCandidatesIndicator" in verdict(Bench(unknown_addresses="none").call("POST", XAV, an_address()))


def test_option_1_has_no_class_and_option_2_no_verdict() -> None:
    bench = Bench()
    one = verdict(bench.call("POST", XAV.replace("/3", "/1"), an_address()))
    two = verdict(bench.call("POST", XAV.replace("/3", "/2"), an_address()))
    assert "AddressClassification" not in one
    assert "AddressClassification" not in one["Candidate"][0]
    assert not PRESENCE & set(two)
    assert two["AddressClassification"]["Code"] == "2"


@pytest.mark.parametrize("option", ["0", "4", "x"])
def test_an_unknown_option_is_9264028(option: str) -> None:
    reply = Bench().call("POST", f"/api/addressvalidation/v2/{option}", an_address())
    assert (reply.status, codes(reply)) == (400, ["9264028"])


def test_the_sandbox_knows_ny_and_ca_only() -> None:
    bench = Bench(cie=True)
    assert bench.call("POST", XAV, an_address()).status == 200
    assert bench.call("POST", XAV, an_address(PoliticalDivision1="CA", PostcodePrimaryLow="90001")).status == 200
    reply = bench.call("POST", XAV, an_address(PoliticalDivision1="MD", PostcodePrimaryLow="21093"))
    assert (reply.status, codes(reply)) == (400, ["9264030"])


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("XAVRequest", ...),
        (K, ...),
        (K, [an_address()["XAVRequest"]["AddressKeyFormat"]]),
        (f"{K}.CountryCode", ...),
        (f"{K}.CountryCode", "USA"),
        (f"{K}.CountryCode", "CA"),
        (f"{K}.CountryCode", "DE"),
        (f"{K}.AddressLine", "123 Maple Ct"),
        (f"{K}.AddressLine", ["x" * 101]),
        (f"{K}.AddressLine", ["a", "b", "c", "d"]),
        (f"{K}.AddressLine", [""]),
        (f"{K}.ConsigneeName", "x" * 41),
        (f"{K}.PoliticalDivision1", "New York"),
        (f"{K}.PoliticalDivision2", "x" * 31),
        (f"{K}.PostcodePrimaryLow", 11590),
        (f"{K}.PostcodePrimaryLow", "12345678901"),
        (f"{K}.Region", "WESTBURY NY 11590"),
        (f"{K}.City", "Westbury"),
    ],
)
def test_a_wrong_address_request_is_refused(path: str, value: Any) -> None:
    assert Bench().call("POST", XAV, changed(an_address(), path, value)).status == 400


@pytest.mark.parametrize(
    "query", ["maximumcandidatelistsize=51", "maximumcandidatelistsize=x", "regionalrequestindicator=0", "size=3"]
)
def test_a_wrong_address_query_is_refused(query: str) -> None:
    assert Bench().call("POST", XAV, an_address(), query=query).status == 400


def test_the_list_of_candidates_can_be_limited() -> None:
    query = "regionalrequestindicator=False&maximumcandidatelistsize=1"
    found = verdict(Bench().call("POST", XAV, an_address(PoliticalDivision2="Hempstead"), query=query))
    assert len(found["Candidate"]) == 1


def test_quirk_single_candidates_and_lines_come_alone() -> None:
    found = verdict(Bench(single_as_object=True).call("POST", XAV, an_address()))
    assert found["Candidate"]["AddressKeyFormat"]["AddressLine"] == "123 MAPLE CT APT 4B"


def test_seeded_verdicts_win() -> None:
    bench = Bench()
    where: dict[str, Any] = {"city": "Westbury", "state": "NY", "postal_code": "11590"}
    bench.command("seed_address", lines=["123 Maple Ct", "Apt 4B"], verdict="none", **where)
    assert "NoCandidatesIndicator" in verdict(bench.call("POST", XAV, an_address()))
    ranges = [[["1-3 E MAIN ST"], "WESTBURY", "NY", "11590", "0001"], [["5 E MAIN ST"], "WESTBURY", "NY", "11590", "2"]]
    bench.command("seed_address", lines=["5 Main St"], verdict="ambiguous", candidates=ranges, **where)
    found = verdict(bench.call("POST", XAV, an_address(AddressLine=["5 main  st"])))
    assert found["Candidate"][0]["AddressKeyFormat"]["AddressLine"] == ["1-3 E MAIN ST"]
    bench.command("seed_address", lines=["7 Main St"], classification=1, **where)
    seeded = verdict(bench.call("POST", XAV, an_address(AddressLine=["7 Main St"])))
    assert seeded["AddressClassification"]["Code"] == "1"


RATE = "/api/rating/v2409/Rate"
SHOP = "/api/rating/v2409/Shop"
R = "RateRequest.Shipment"


def a_rate(destination: dict[str, Any] = JANE, service: str | None = "03") -> dict[str, Any]:
    drop = ("AttentionName", "Phone")
    shipment: dict[str, Any] = {
        "Shipper": {name: value for name, value in SHIPPER.items() if name not in drop},
        "ShipTo": {name: value for name, value in destination.items() if name not in drop},
        "PaymentDetails": {"ShipmentCharge": [{"Type": "01", "BillShipper": {"AccountNumber": "A1B2C3"}}]},
        "ShipmentRatingOptions": {"NegotiatedRatesIndicator": ""},
        "Package": [
            {
                "PackagingType": {"Code": "02"},
                "Dimensions": {
                    "UnitOfMeasurement": {"Code": "IN", "Description": "Inches"},
                    "Length": "12.5",
                    "Width": "10",
                    "Height": "8",
                },
                "PackageWeight": {
                    "UnitOfMeasurement": {"Code": "LBS", "Description": "Pounds"},
                    "Weight": "7.5",
                },
            }
        ],
    }
    if service is not None:
        shipment["Service"] = {"Code": service}
    return copy.deepcopy({"RateRequest": {"Request": {"SubVersion": "2409"}, "Shipment": shipment}})


TIMES = {"PackageBillType": "03", "Pickup": {"Date": "20260714"}}


def rated(reply: Reply) -> Any:
    assert reply.status == 200, reply.body
    return document(reply)["RateResponse"]["RatedShipment"]


def test_one_service_costs_what_ship_charges() -> None:
    from tests.simulators.ups_bench import a_shipment

    bench = Bench()
    [row] = rated(bench.call("POST", RATE, a_rate()))
    charged = bench.ship(a_shipment())["ShipmentResults"]
    assert row["TotalCharges"] == charged["ShipmentCharges"]["TotalCharges"]
    assert row["NegotiatedRateCharges"] == charged["NegotiatedRateCharges"]
    assert row["RatedPackage"][0]["TotalCharges"] == row["TotalCharges"]
    assert [alert["Code"] for alert in row["RatedShipmentAlert"]] == ["110971"]


def test_shop_lists_every_service_of_the_lane() -> None:
    bench = Bench()
    rows = rated(bench.call("POST", SHOP, a_rate(service=None)))
    assert {row["Service"]["Code"] for row in rows} == {"01", "02", "03", "12", "13", "14", "59"}
    assert {row["Service"]["Description"] for row in rows} == {""}
    assert "TimeInTransit" not in rows[0]
    bench.command("set", saturday_twin=True)
    twins = rated(bench.call("POST", SHOP, a_rate(service=None)))
    assert [row["Service"]["Code"] for row in twins].count("01") == 2


def test_times_come_by_option_or_by_query() -> None:
    bench = Bench()
    body = changed(a_rate(), f"{R}.DeliveryTimeInformation", TIMES)
    for reply in (
        bench.call("POST", "/api/rating/v2409/Ratetimeintransit", body),
        bench.call("POST", RATE, body, query="additionalinfo=timeintransit"),
    ):
        [row] = rated(reply)
        summary = row["TimeInTransit"]["ServiceSummary"]
        assert summary["EstimatedArrival"]["Arrival"]["Date"] == "20260720"  # four business days after Tuesday
        assert summary["Service"]["Description"] == "UPS Ground"
    everything = rated(bench.call("POST", "/api/rating/v2409/Shoptimeintransit", body))
    assert all("TimeInTransit" in row for row in everything)


def test_quirk_a_single_rate_is_an_object() -> None:
    row = rated(Bench(single_as_object=True).call("POST", RATE, a_rate()))
    assert row["Service"]["Code"] == "03"
    assert row["RatedPackage"]["Weight"] == "7.5"


def test_not_eligible_gets_an_alert() -> None:
    [row] = rated(Bench(negotiated=()).call("POST", RATE, a_rate()))
    assert "NegotiatedRateCharges" not in row
    assert "120900" in [alert["Code"] for alert in row["RatedShipmentAlert"]]


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("RateRequest", ..., "10002"),
        ("RateRequest.Request", ..., "10002"),
        ("RateRequest.Request.SubVersion", "1801", "10002"),
        ("RateRequest.NegotiatedRatesIndicator", "", "10002"),
        (f"{R}.Shipper", ..., "10002"),
        (f"{R}.Shipper.Phone", {"Number": "1"}, "10002"),
        (f"{R}.Shipper.ShipperNumber", ..., "112111"),
        (f"{R}.Shipper.ShipperNumber", "Z9Y8X7", "112111"),
        (f"{R}.Shipper.Address.AddressLine", ..., "10002"),
        (f"{R}.ShipTo.Address.StateProvinceCode", "New York", "10002"),
        (f"{R}.ShipTo.Address.PostalCode", "90001", "111285"),
        (f"{R}.ShipTo.Address.CountryCode", ..., "10002"),
        (f"{R}.PaymentInformation", {}, "10002"),
        (f"{R}.PaymentDetails.ShipmentCharge", {}, "10002"),
        (f"{R}.PaymentDetails.ShipmentCharge.0.Type", "03", "10002"),
        (f"{R}.Service", ..., "111210"),
        (f"{R}.Service.Code", "11", "111210"),
        (f"{R}.Service.Code", 3, "10002"),
        (f"{R}.Package", ..., "10002"),
        (f"{R}.Package.0.Packaging", {"Code": "02"}, "10002"),
        (f"{R}.Package.0.PackagingType", ..., "10002"),
        (f"{R}.Package.0.PackageWeight", ..., "10002"),
        (f"{R}.Package.0.PackageWeight.Weight", 7.5, "10002"),
        (f"{R}.Package.0.PackageWeight.Weight", "1234567", "10002"),
        (f"{R}.Package.0.PackageWeight.UnitOfMeasurement.Description", ..., "10002"),
        (f"{R}.Package.0.Dimensions.Length", "12.555", "10002"),
        (f"{R}.Package.0.Dimensions.UnitOfMeasurement.Description", ..., "10002"),
        (f"{R}.DeliveryTimeInformation", {"Pickup": {"Date": "20260714"}}, "10002"),
        (f"{R}.DeliveryTimeInformation", {"PackageBillType": "03", "Pickup": {"Date": "2026-07-14"}}, "10002"),
    ],
)
def test_a_wrong_rate_request_is_refused(path: str, value: Any, code: str) -> None:
    reply = Bench().call("POST", RATE, changed(a_rate(), path, value))
    assert (reply.status, codes(reply)) == (400, [code])


def test_times_need_their_information_and_abroad_weight_and_value() -> None:
    bench = Bench()
    timed = "/api/rating/v2409/Ratetimeintransit"
    assert bench.call("POST", timed, a_rate()).status == 400
    abroad = changed(a_rate(TORONTO, "11"), f"{R}.DeliveryTimeInformation", TIMES)
    assert codes(bench.call("POST", timed, abroad)) == ["111549"]
    total = {"UnitOfMeasurement": {"Code": "LBS", "Description": "Pounds"}, "Weight": "7.5"}
    abroad = changed(abroad, f"{R}.ShipmentTotalWeight", total)
    abroad = changed(abroad, f"{R}.InvoiceLineTotal", {"CurrencyCode": "USD", "MonetaryValue": "250"})
    assert rated(bench.call("POST", timed, abroad))[0]["Service"]["Code"] == "11"


def test_to_germany_rates_have_no_ground() -> None:
    rows = rated(Bench().call("POST", SHOP, a_rate(BERLIN, None)))
    assert {row["Service"]["Code"] for row in rows} == {"07", "08", "54", "65"}


TRANSIT = "/api/shipments/v1/transittimes"


def a_trip(**changes: Any) -> dict[str, Any]:
    body = {
        "originCountryCode": "US",
        "originStateProvince": "MD",
        "originPostalCode": "21093",
        "destinationCountryCode": "US",
        "destinationStateProvince": "NY",
        "destinationCityName": "Westbury",
        "destinationPostalCode": "11590",
        "residentialIndicator": "01",
        "shipDate": "2026-07-14",
        "weight": 7.5,
        "weightUnitOfMeasure": "LBS",
        "billType": "03",
        "numberOfPackages": 1,
        **changes,
    }
    return {name: value for name, value in body.items() if value is not ...}


def test_time_in_transit_lists_services_with_dates() -> None:
    reply = Bench().call("POST", TRANSIT, a_trip())
    found = document(reply)["emsResponse"]
    ground = next(each for each in found["services"] if each["serviceLevel"] == "GND")
    assert (reply.status, ground["deliveryDate"], ground["businessTransitDays"]) == (200, "2026-07-20", 4)
    assert found["numberOfServices"] == len(found["services"]) == 7


def test_an_ambiguous_address_is_206_without_services() -> None:
    reply = Bench().call("POST", TRANSIT, a_trip(destinationCityName="Hempstead"))
    assert reply.status == 206
    assert "emsResponse" not in document(reply)
    assert document(reply)["destinationPickList"][0]["city"] == "WESTBURY"


@pytest.mark.parametrize(
    "changes",
    [
        {"originCountryCode": ...},
        {"destinationCountryCode": ...},
        {"originPostalCode": ...},
        {"destinationPostalCode": "1159"},
        {"residentialIndicator": "1"},
        {"shipDate": "20260714"},
        {"weight": "7.5"},
        {"weight": 0},
        {"weight": True},
        {"numberOfPackages": "1"},
        {"numberOfPackages": 1.5},
        {"billType": "3"},
        {"avvFlag": "true"},
        {"Weight": 7.5},
        {"destinationCountryCode": "CA", "destinationPostalCode": "M5J1E6", "weight": ...},
    ],
)
def test_a_wrong_transit_request_is_refused(changes: dict[str, Any]) -> None:
    assert Bench().call("POST", TRANSIT, a_trip(**changes)).status == 400
