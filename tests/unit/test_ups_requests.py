"""Every body that UPS is sent, against its strict specification; and everything that holds one back, by name."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.ups_samples import (
    CANADA,
    GERMANY,
    NEW_YORK,
    SHIPPER,
    built,
    draft,
    example,
    lacking,
    schema_errors,
    system,
)
from vendors.ups.drafts import (
    Address,
    Built,
    Customs,
    Lacking,
    Money,
    Parcel,
    Party,
    Payer,
    PayerKind,
    Product,
    Reference,
    ShipDraft,
    Signature,
)
from vendors.ups.requests import (
    Destination,
    address_key,
    is_covered,
    packages_in,
    rate_request,
    recovery_by_number,
    recovery_by_reference,
    ship_request,
    subscription,
    subscription_batches,
    transit_request,
    xav_request,
)

US = system()
GOODS = Product("Steel screws", Decimal(100), Decimal("2.50"), "US", "7318.15", weight=Decimal(7))
CUSTOMS = Customs("INV-000123", date(2026, 3, 2), "USD", (GOODS,), terms="DAP", purchase_order="SO004567")
VALUE = Money(Decimal(250), "USD")


def to_canada(**changes: Any) -> ShipDraft:
    plain = draft(ship_to=CANADA, service="11", goods_value=VALUE, customs=CUSTOMS)
    return replace(plain, **changes)


def to(ship_to: Party, **changes: Any) -> ShipDraft:
    return replace(draft(ship_to=ship_to, service="65", customs=CUSTOMS), **changes)


def party(**changes: Any) -> Party:
    """New York with another name, phone ...; `lines`, `city` and the like go into the address."""
    inner = {key: changes.pop(key) for key in list(changes) if key in Address.__dataclass_fields__}
    return replace(NEW_YORK, address=replace(NEW_YORK.address, **inner), **changes)


def shipment(found: Built | Lacking) -> dict[str, Any]:
    part: dict[str, Any] = built(found)["ShipmentRequest"]["Shipment"]
    return part


# --- Shipping


def test_the_domestic_body_is_the_stored_example(shared: Path) -> None:
    body = built(ship_request(draft(), US))
    wanted = example(shared, "ship-request.domestic-two-packages.json")
    wanted_shipment = wanted["ShipmentRequest"]["Shipment"]
    wanted_shipment.pop("ShipFrom")
    wanted_shipment["Service"].pop("Description")
    wanted_shipment["ShipTo"].pop("AttentionName")  # nobody named one
    for number, package in enumerate(wanted_shipment["Package"]):
        package["Description"] = "Industrial parts"
        assert body["ShipmentRequest"]["Shipment"]["Package"][number] == package
    assert body == wanted
    assert packages_in(body) == 2


@pytest.mark.parametrize(
    "wanted",
    [
        draft(),
        draft(job="x" * 512, ship_date=date(2026, 3, 4), saturday_delivery=True, signature=Signature.ADULT),
        draft(payer=Payer(PayerKind.RECEIVER, "z9y8x7", "11590-1234")),
        draft(payer=Payer(PayerKind.THIRD_PARTY, "Z9Y8X7", "90210", "US"), duties=Payer(PayerKind.CONSIGNEE)),
        draft(ship_from=replace(NEW_YORK, name="Acme Parts Inc - WH2")),
        draft(parcels=(Parcel(Decimal(1), declared_value=Money(Decimal("99.50"), "USD"), additional_handling=True),)),
        to_canada(),
        to_canada(signature=Signature.SIGNATURE, duties=Payer()),
        to_canada(customs=None, documents_only=True),
        to(GERMANY),
        draft(ship_to=replace(GERMANY, address=replace(GERMANY.address, country="us", state="pr", postal_code="00901"),
                              phone="787 555 0100"), goods_value=VALUE),
    ],
)
@pytest.mark.parametrize("form", ["ZPL", "GIF"])
def test_every_body_passes_the_strict_specification(shared: Path, wanted: ShipDraft, form: str) -> None:
    body = built(ship_request(wanted, system(label_format=form)))
    assert schema_errors(shared, "shipping.json", "SHIPRequestWrapper", body) == []


def test_scalars_are_text_and_the_label_stands_inside(shared: Path) -> None:
    body = built(ship_request(draft(), US))["ShipmentRequest"]
    assert body["LabelSpecification"] == {
        "LabelImageFormat": {"Code": "ZPL"}, "LabelStockSize": {"Height": "6", "Width": "4"},
    }  # fmt: skip

    def scalars(value: Any) -> list[Any]:
        if isinstance(value, dict):
            return [found for inner in value.values() for found in scalars(inner)]
        if isinstance(value, list):
            return [found for inner in value for found in scalars(inner)]
        return [value]

    assert all(isinstance(value, str) for value in scalars(body))


def test_a_gif_has_no_stock() -> None:
    body = built(ship_request(draft(), system(label_format="GIF")))
    assert body["ShipmentRequest"]["LabelSpecification"] == {"LabelImageFormat": {"Code": "GIF"}}


REFERENCES = [{"Code": "TN", "Value": "000123"}, {"Code": "PO", "Value": "SO004567"}]


@pytest.mark.parametrize(
    ("origin", "ship_to", "at_package"),
    [
        ("US", NEW_YORK, True),
        ("US", CANADA, False),
        ("US", replace(NEW_YORK, address=replace(NEW_YORK.address, state="PR", postal_code="00901")), False),
        ("PR", replace(NEW_YORK, address=replace(NEW_YORK.address, country="PR", postal_code="00901")), True),
        ("CA", CANADA, False),
        ("DE", GERMANY, False),
    ],
)
def test_references_stand_where_the_pair_of_countries_wants_them(origin: str, ship_to: Party, at_package: bool) -> None:
    places = {"CA": ("ON", "M5H 2N2"), "DE": ("", "10115"), "PR": ("", "00901"), "US": ("MD", "21093")}
    state, postal = places[origin]
    shipper = {**SHIPPER, "country": origin, "state": state, "postal_code": postal}
    found = ship_request(
        to(ship_to, goods_value=VALUE, signature=Signature.ADULT, service="11"), system(shipper=shipper)
    )
    part = shipment(found)
    packages = part["Package"]
    if at_package:
        assert "ReferenceNumber" not in part
        assert [package["ReferenceNumber"] for package in packages] == [REFERENCES, REFERENCES]
        assert packages[0]["PackageServiceOptions"] == {"DeliveryConfirmation": {"DCISType": "3"}}
    else:
        assert part["ReferenceNumber"] == REFERENCES
        assert not any("ReferenceNumber" in package for package in packages)
        assert part["ShipmentServiceOptions"]["DeliveryConfirmation"] == {"DCISType": "2"}


def test_ship_from_decides_the_origin() -> None:
    found = shipment(ship_request(draft(ship_from=CANADA, customs=CUSTOMS), US))
    assert "ReferenceNumber" in found
    assert found["ShipFrom"]["Address"]["CountryCode"] == "CA"
    assert "EMailAddress" not in found["ShipFrom"]


def test_who_pays() -> None:
    def charge(payer: Payer) -> Any:
        return shipment(ship_request(draft(payer=payer), US))["PaymentInformation"]["ShipmentCharge"]

    assert charge(Payer()) == [{"Type": "01", "BillShipper": {"AccountNumber": "A1B2C3"}}]
    assert charge(Payer(PayerKind.RECEIVER, "012345", "11590-1234")) == [
        {"Type": "01", "BillReceiver": {"AccountNumber": "012345", "Address": {"PostalCode": "115901234"}}}
    ]
    assert charge(Payer(PayerKind.CONSIGNEE)) == [{"Type": "01", "ConsigneeBilledIndicator": "Y"}]


def test_negotiated_rates_are_asked_for_inside_the_shipment() -> None:
    assert shipment(ship_request(draft(), US))["ShipmentRatingOptions"] == {"NegotiatedRatesIndicator": "Y"}
    assert "ShipmentRatingOptions" not in shipment(ship_request(draft(), system(negotiated_rates=False)))


def test_a_commercial_address_carries_no_indicator_at_all() -> None:
    for residential in (False, None):
        address = shipment(ship_request(draft(ship_to=party(residential=residential)), US))["ShipTo"]["Address"]
        assert "ResidentialAddressIndicator" not in address  # its presence alone would mean yes


def test_goods_to_canada_carry_value_and_invoice() -> None:
    part = shipment(ship_request(to_canada(), US))
    assert part["InvoiceLineTotal"] == {"CurrencyCode": "USD", "MonetaryValue": "250"}
    forms = part["ShipmentServiceOptions"]["InternationalForms"]
    assert forms["FormType"] == ["01"]
    assert forms["Product"] == [
        {
            "Description": ["Steel screws"],
            "Unit": {"Number": "100", "UnitOfMeasurement": {"Code": "PCS"}, "Value": "2.5"},
            "OriginCountryCode": "US",
            "CommodityCode": "731815",
            "ProductWeight": {"UnitOfMeasurement": {"Code": "LBS"}, "Weight": "7"},
        }
    ]
    assert forms["Contacts"]["SoldTo"]["Name"] == "Northern Tools Ltd"
    assert "InvoiceLineTotal" not in shipment(ship_request(to(GERMANY, goods_value=VALUE), US))


def test_paper_forms_send_no_invoice() -> None:
    part = shipment(ship_request(to(GERMANY, customs=None), system(international_forms=False)))
    assert "ShipmentServiceOptions" not in part


def test_no_customs_within_the_union() -> None:
    shipper = {**SHIPPER, "country": "FR", "state": "", "postal_code": "75001", "phone": "+33 1 55 55 01 00"}
    metric = system(shipper=shipper, weight_unit="KGS", dimension_unit="CM")
    part = shipment(ship_request(to(GERMANY, customs=None, description=""), metric))
    assert "ShipmentServiceOptions" not in part
    assert part["Package"][0]["PackageWeight"] == {"UnitOfMeasurement": {"Code": "KGS"}, "Weight": "3.5"}


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (draft(parcels=()), "packages: there are 0"),
        (draft(parcels=(Parcel(Decimal(0)),)), "package 1 weight: is missing"),
        (draft(parcels=(Parcel(Decimal(1)), Parcel(Decimal(151)))), "package 2 weight: 151 LBS"),
        (draft(parcels=(Parcel(Decimal(1), packaging="BOX"),)), "package 1 packaging"),
        (draft(parcels=(Parcel(Decimal(1), declared_value=Money(Decimal(0), "USD")),)), "package 1 declared value"),
        (draft(service=""), "service: is missing"),
        (draft(service="GROUND"), "map the ship via"),
        (draft(job=""), "job"),
        (draft(references=(Reference("x" * 36, "TN"),)), "reference 1: has 36 characters"),
        (draft(references=(Reference("1"), Reference(" "))), "reference 2: is empty"),
        (draft(references=(Reference("SØ1"),)), "reference 1: holds characters that cannot be searched"),
        (draft(references=(Reference("1", "PON"),)), "its code must have two"),
        (draft(references=tuple(Reference(str(number)) for number in range(6))), "references: there are 6"),
        (draft(payer=Payer(PayerKind.RECEIVER)), "payer: has no UPS account"),
        (draft(payer=Payer(PayerKind.RECEIVER, "A1B2C3")), "payer postal code: is missing"),
        (draft(payer=Payer(PayerKind.THIRD_PARTY, "A1B2C3", "21093")), "payer country: is missing"),
        (draft(ship_to=party(name=" ")), "ship-to name: is missing"),
        (draft(ship_to=party(lines=())), "ship-to address: has no street line"),
        (draft(ship_to=party(lines=("word " * 40,))), "do not fit into 3 lines of 35"),
        (draft(ship_to=party(lines=("x" * 36,))), "do not fit into 3 lines of 35"),
        (draft(ship_to=party(city="")), "ship-to city: is missing"),
        (draft(ship_to=party(city="x" * 31)), "ship-to city: has 31 characters"),
        (draft(ship_to=party(city="Москва")), "ship-to city: holds letters that a UPS label cannot print"),
        (draft(ship_to=party(state="")), "ship-to state: is missing"),
        (draft(ship_to=party(state="New York")), "ship-to state: must be the code of two letters"),
        (draft(ship_to=party(postal_code="1159")), "ship-to postal code: must have 5 or 9 digits"),
        (draft(ship_to=party(country="USA")), "ship-to country: must be a code of two letters"),
        (draft(ship_to=party(phone=""), service="14"), "ship-to phone: is missing"),
        (to_canada(ship_to=replace(CANADA, phone="")), "ship-to phone: is missing"),
        (to_canada(ship_to=replace(CANADA, phone="555-0142")), "ship-to phone: is no number"),
        (to_canada(goods_value=None), "goods value: is missing"),
        (to_canada(goods_value=Money(Decimal("NaN"), "USD")), "goods value"),
        (to_canada(goods_value=Money(Decimal(100_000_000), "USD")), "goods value"),
        (to_canada(goods_value=Money(Decimal(5), "$")), "goods value"),
        (to_canada(customs=None), "customs: the invoice data is missing"),
        (to_canada(description=""), "description of goods: is missing"),
        (to_canada(customs=replace(CUSTOMS, products=())), "goods: the invoice has 0 kinds"),
        (to_canada(customs=replace(CUSTOMS, products=(GOODS,) * 51)), "goods: the invoice has 51 kinds"),
        (to_canada(customs=replace(CUSTOMS, invoice_number="")), "invoice number"),
        (to_canada(customs=replace(CUSTOMS, currency="US$")), "invoice currency"),
        (to_canada(customs=replace(CUSTOMS, terms="free")), "terms of shipment"),
        (to_canada(customs=replace(CUSTOMS, products=(replace(GOODS, origin_country=""),))), "country of origin"),
        (to_canada(customs=replace(CUSTOMS, products=(replace(GOODS, value=Decimal(0)),))), "goods 1 value"),
        (to_canada(customs=replace(CUSTOMS, products=(replace(GOODS, quantity=Decimal("2.5")),))), "must be whole"),
        (to_canada(customs=replace(CUSTOMS, products=(replace(GOODS, commodity_code="73"),))), "commodity code"),
        (to_canada(customs=replace(CUSTOMS, products=(replace(GOODS, unit="EACH"),))), "goods 1 unit"),
        (to_canada(customs=replace(CUSTOMS, products=(replace(GOODS, description=""),))), "goods 1 description"),
    ],
)  # fmt: skip
def test_what_is_missing_is_named_and_nothing_is_built(wanted: ShipDraft, words: str) -> None:
    assert words in lacking(ship_request(wanted, US))


def test_all_that_is_missing_is_named_at_once() -> None:
    bad = draft(service="", parcels=(Parcel(Decimal(0)),), ship_to=party(city="", phone="x"))
    text = lacking(ship_request(bad, US))
    assert all(word in text for word in ("service", "package 1 weight", "ship-to city"))


def test_problems_and_notes_repeat_no_address() -> None:
    secret = party(name="Zacharias Nobody", lines=("77 Hidden Lane " * 9,), city="Secretville" * 4, phone="31x")
    found = ship_request(draft(ship_to=secret), US)
    assert isinstance(found, Lacking)
    for word in ("Zacharias", "Hidden", "Secretville", "31x"):
        assert word not in " ".join((*found.problems, *found.notes))


def test_what_was_changed_is_noted() -> None:
    long = party(
        name="International Association of Extremely Long Names",
        lines=("12345 Boulevard of the Unknown Pioneers 36",),
        phone="none",
        email="two words@example.com",
    )
    found = ship_request(draft(ship_to=long, parcels=(Parcel(Decimal("7.51")),)), US)
    assert isinstance(found, Built)
    ship_to = found.body["ShipmentRequest"]["Shipment"]["ShipTo"]
    assert ship_to["Name"] == "International Association of"
    assert ship_to["AttentionName"] == "Extremely Long Names"
    assert ship_to["Address"]["AddressLine"] == ["12345 Boulevard of the Unknown", "Pioneers 36"]
    assert "Phone" not in ship_to
    assert "EMailAddress" not in ship_to
    notes = " | ".join(found.notes)
    for word in ("ship-to name: continues", "ship-to address: broken anew", "ship-to phone: left out",
                 "ship-to e-mail: left out", "package 1 weight: rounded up to 7.6"):  # fmt: skip
        assert word in notes


def test_a_long_name_beside_an_attention_name_moves_into_the_address() -> None:
    long = party(name="International Association of Extremely Long Names", attention="Jane Smith")
    ship_to = shipment(ship_request(draft(ship_to=long), US))["ShipTo"]
    assert ship_to["AttentionName"] == "Jane Smith"
    assert ship_to["Address"]["AddressLine"] == ["Extremely Long Names", "123 Maple Ct", "Apt 4B"]


def test_line_breaks_inside_a_line_are_lines() -> None:
    address = shipment(ship_request(draft(ship_to=party(lines=("123 Maple Ct\r\nApt 4B",))), US))["ShipTo"]["Address"]
    assert address["AddressLine"] == ["123 Maple Ct", "Apt 4B"]


def test_the_name_stands_in_for_a_required_attention_name() -> None:
    found = ship_request(to_canada(ship_to=replace(CANADA, attention="")), US)
    assert isinstance(found, Built)
    assert found.body["ShipmentRequest"]["Shipment"]["ShipTo"]["AttentionName"] == "Northern Tools Ltd"
    assert "ship-to attention name: is missing, the name stands in for it" in found.notes


TEXT = st.text(max_size=80)


@settings(max_examples=150, deadline=None)
@given(
    name=TEXT, attention=TEXT, lines=st.lists(TEXT, max_size=5), city=st.text(max_size=35), phone=st.text(max_size=20),
    email=TEXT, postal=st.text(alphabet="0123456789- A", max_size=12), description=TEXT,
    weight=st.decimals("0", "200", places=3), reference=st.text(max_size=40),
    country=st.sampled_from(["US", "CA", "DE"]),
)  # fmt: skip
def test_whatever_the_erp_holds_a_body_that_is_built_is_valid(
    shared: Path, name: str, attention: str, lines: list[str], city: str, phone: str, email: str, postal: str,
    description: str, weight: Decimal, reference: str, country: str,
) -> None:  # fmt: skip
    state = {"US": "NY", "CA": "ON", "DE": ""}[country]
    wild = Party(name, Address(tuple(lines), city, state, postal, country), attention, phone, email)
    wanted = to_canada(
        ship_to=wild, description=description, parcels=(Parcel(weight),), references=(Reference(reference),),
        customs=replace(CUSTOMS, products=(replace(GOODS, description=description),)),
    )  # fmt: skip
    found = ship_request(wanted, US)
    if isinstance(found, Built):
        assert schema_errors(shared, "shipping.json", "SHIPRequestWrapper", found.body) == []
    rated = rate_request(wanted, US)
    if isinstance(rated, Built):
        assert schema_errors(shared, "rating.json", "RATERequestWrapper", rated.body) == []
    asked = xav_request(wild)
    if isinstance(asked, Built):
        assert schema_errors(shared, "address-validation.json", "XAVRequestWrapper", asked.body) == []


# --- Rating


@pytest.mark.parametrize(
    ("wanted", "pickup"),
    [
        (draft(service=""), None),
        (draft(), date(2026, 3, 3)),
        (draft(signature=Signature.SIGNATURE, saturday_delivery=True, ship_from=NEW_YORK), None),
        (to_canada(), None),
        (to_canada(), date(2026, 3, 3)),
        (to(GERMANY, goods_value=VALUE), date(2026, 3, 3)),
        (to_canada(payer=Payer(PayerKind.THIRD_PARTY, "Z9Y8X7", "90210", "US")), None),
    ],
)
def test_rate_bodies_pass_the_strict_specification(shared: Path, wanted: ShipDraft, pickup: date | None) -> None:
    body = built(rate_request(wanted, US, pickup))
    assert schema_errors(shared, "rating.json", "RATERequestWrapper", body) == []


def test_rating_speaks_its_own_dialect() -> None:
    body = built(rate_request(draft(service=""), US))["RateRequest"]["Shipment"]
    package = body["Package"][0]
    assert package["PackagingType"] == {"Code": "02"}
    assert "Packaging" not in package
    assert package["PackageWeight"] == {"UnitOfMeasurement": {"Code": "LBS", "Description": "Pounds"}, "Weight": "7.5"}
    assert "PaymentInformation" not in body
    assert body["PaymentDetails"]["ShipmentCharge"][0]["BillShipper"] == {"AccountNumber": "A1B2C3"}
    assert "Service" not in body
    assert not {"Phone", "EMailAddress"} & {*body["Shipper"], *body["ShipTo"]}
    assert body["ShipmentRatingOptions"] == {"NegotiatedRatesIndicator": "Y"}


def test_a_quote_needs_no_phone_and_no_papers() -> None:
    found = rate_request(to_canada(ship_to=replace(CANADA, phone="", attention=""), customs=None, goods_value=None), US)
    assert isinstance(found, Built)


def test_times_across_a_border_need_value_and_total_weight() -> None:
    assert "goods value" in lacking(rate_request(to(GERMANY), US, date(2026, 3, 3)))
    body = built(rate_request(to(GERMANY, goods_value=VALUE), US, date(2026, 3, 3)))["RateRequest"]["Shipment"]
    assert body["ShipmentTotalWeight"]["Weight"] == "25.5"
    assert body["InvoiceLineTotal"] == {"CurrencyCode": "USD", "MonetaryValue": "250"}
    assert body["DeliveryTimeInformation"] == {"PackageBillType": "03", "Pickup": {"Date": "20260303"}}


# --- address validation


def test_the_address_body_is_the_stored_example(shared: Path) -> None:
    assert built(xav_request(NEW_YORK)) == example(shared, "xav-request.option3.json")


def test_nine_digits_are_split() -> None:
    key = built(xav_request(party(postal_code="11590-1234")))["XAVRequest"]["AddressKeyFormat"]
    assert (key["PostcodePrimaryLow"], key["PostcodeExtendedLow"]) == ("11590", "1234")


@pytest.mark.parametrize(
    ("ship_to", "words"),
    [
        (party(lines=()), "address: has no street line"),
        (party(postal_code="1159"), "postal code"),
        (party(city="x" * 31), "city: has 31"),
        (party(state="New York"), "state: must be the code"),
        (party(lines=("ул. Ленина 5",)), "holds letters"),
    ],
)
def test_addresses_that_cannot_be_asked_about(ship_to: Party, words: str) -> None:
    assert words in lacking(xav_request(ship_to))


def test_one_address_has_one_key_however_it_is_written() -> None:
    one = Address(("123 Maple Ct.", "Apt 4B"), "Westbury", "NY", "11590-1234", "US")
    same = Address(("123  MAPLE CT, Apt 4b",), "WESTBURY", "ny", "115901234", "us")
    assert address_key(one) == address_key(same)
    assert len(address_key(one)) == 64
    for other in (
        replace(one, lines=("123 Maple Ct", "Apt 4C")),
        replace(one, lines=("12-3 Maple Ct", "Apt 4B")),
        replace(one, postal_code="11590"),
        replace(one, state="NJ"),
        replace(one, country="CA"),
    ):
        assert address_key(other) != address_key(one)


def test_a_unit_sign_matters_in_the_key() -> None:
    one = Address(("100 Main St #4",), "Westbury", "NY", "11590", "US")
    assert address_key(one) != address_key(replace(one, lines=("100 Main St 4",)))


def test_where_ups_can_be_asked() -> None:
    assert is_covered(NEW_YORK.address, US)
    assert is_covered(replace(NEW_YORK.address, state="PR"), US)
    assert not is_covered(CANADA.address, US)
    assert is_covered(NEW_YORK.address, system(cie=True))
    assert not is_covered(replace(NEW_YORK.address, state="TX"), system(cie=True))


# --- the others


def test_recovery_bodies(shared: Path) -> None:
    by_number = recovery_by_number(" 1za1b2c30300000012", US, "PDF")
    assert by_number == example(shared, "label-recovery-request.json")
    by_reference = recovery_by_reference("000123", US)
    assert by_reference["LabelRecoveryRequest"]["ReferenceValues"] == {
        "ReferenceNumber": {"Value": "000123"}, "ShipperNumber": "A1B2C3",
    }  # fmt: skip
    for body in (by_number, by_reference, recovery_by_number("1ZA1B2C30300000012", US, "GIF")):
        assert schema_errors(shared, "shipping.json", "LABELRECOVERYRequestWrapper", body) == []
    with pytest.raises(ValueError, match="has 36 characters"):
        recovery_by_reference("x" * 36, US)


def test_subscription_bodies(shared: Path) -> None:
    numbers = ["1ZCIETST0111111114", "1ZCIETST0422222228"]
    where = Destination("https://hooks.example.com/ups/track-alert", "opaque-random-secret-per-tenant")
    first = subscription(numbers, system(track_alert="v1"), where)
    assert first == example(shared, "track-alert-v1-subscribe.json")
    second = subscription(numbers, system(track_alert="v2"), None)
    assert second == example(shared, "track-alert-v2-subscribe.json")
    assert schema_errors(shared, "track-alert-v1-standard.json", "TrackSubsServiceRequest", first) == []
    assert schema_errors(shared, "track-alert-v1-enhanced.json", "TrackSubsServiceRequest", first) == []
    assert schema_errors(shared, "track-alert-v2.json", "PackageSubscriptionRequest", second) == []
    assert "opaque-random" not in repr(where)


@pytest.mark.parametrize(
    ("version", "destination"),
    [("off", None), ("v1", None), ("v1", Destination("", "x")), ("v2", Destination("https://example.com", "x"))],
)
def test_a_subscription_that_does_not_suit_its_version(version: str, destination: Destination | None) -> None:
    with pytest.raises(ValueError, match="Track Alert"):
        subscription(["1ZCIETST0111111114"], system(track_alert=version), destination)


def test_batches_of_a_hundred_each_number_once() -> None:
    numbers = [f"1ZA1B2C303{number:08d}" for number in range(201)]
    batches, unfit = subscription_batches([*numbers, numbers[0].lower(), "9400111899223197428490"])
    assert [len(batch) for batch in batches] == [100, 100, 1]
    assert [number for batch in batches for number in batch] == numbers
    assert unfit == ["9400111899223197428490"]


def test_transit_bodies(shared: Path) -> None:
    origin = Address(("100 Industrial Way",), "Timonium", "MD", "21093", "US")
    body = transit_request(
        origin, NEW_YORK.address, ship_date=date(2026, 3, 2), weight=Decimal("25.5"), packages=2, system=US
    )
    assert schema_errors(shared, "time-in-transit.json", "TimeInTransitRequest", body) == []
    assert body["residentialIndicator"] == "01"
    assert body["shipDate"] == "2026-03-02"
