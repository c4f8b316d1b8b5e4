"""Flow labels of Acumatica - UPS: what UPS sold, what Acumatica then holds, why a shipment is held."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from connector.connection import InvalidConnection
from local.simulators.base import Fault
from tests.flow.test_privacy import told
from tests.support.ups_stage import UpsStage, document, parcel


def held(stage: UpsStage, number: str) -> str:
    """Why the label record waits for a person."""
    record = stage.label_record(number)
    assert record.status.value == "held", (record.status, record.why)
    return str(record.why)


def test_a_shipment_gets_one_label_per_package_with_number_file_and_order_text() -> None:
    stage = UpsStage()
    number = stage.shipment(parcel(4.5), parcel(7))
    stage.run(minutes=5)
    labels = stage.labels()
    sold = [label["tracking_number"] for label in labels]
    assert [label["weight"] for label in labels] == ["4.5", "7"]
    assert stage.packages(number) == sold
    assert stage.files(number) == [f"ups-{each}.zpl" for each in sold]
    assert all(each in stage.erp("SalesOrder")["SO000001"]["note"] for each in sold)
    assert [(each["code"], each["value"]) for each in labels[0]["references"]] == [
        ("TN", number), ("PO", "SO000001"),
    ]  # fmt: skip
    assert stage.acumatica.unknown_fields == stage.acumatica.ignored_fields == []
    assert stage.ups.strict_violations == []
    assert sorted(filter(lambda key: key.startswith("labels/"), stage.world.bodies.keys())) == [
        f"labels/demo/{number}/{each}" for each in sold
    ]


def test_until_it_is_shipped_a_shipment_costs_two_saves_and_one_per_package_and_one_call_to_ups() -> None:
    stage = UpsStage()
    stage.shipment(parcel())
    stage.run(minutes=5)
    before = len(stage.ups_calls())
    second = stage.shipment(parcel(), parcel())
    seen = len(stage.saves())
    stage.run(minutes=30)
    assert stage.ups_calls()[before:] == ["POST /api/shipments/v2409/ship"], "the address is remembered"
    assert stage.saves()[seen:] == ["PUT Shipment", "PUT files", "PUT files", "PUT SalesOrder"]
    assert len(stage.packages(second)) == 2


def test_later_polls_of_the_same_shipment_write_nothing() -> None:
    stage = UpsStage()
    number = stage.shipment(parcel())
    stage.run(minutes=5)
    saves = stage.saves()
    stage.acumatica.command("confirm_shipment", {"shipment_nbr": number})
    stage.run(minutes=60 * 30)
    assert stage.saves() == saves
    assert len(stage.labels()) == 1
    assert stage.label_record(number).status.value == "done"


def test_a_push_notification_is_enough() -> None:
    stage = UpsStage(schedule={"labels": {"every_seconds": 86_400}})
    stage.run(minutes=1)
    stage.listen()
    number = stage.shipment(parcel())
    stage.run(minutes=3, webhooks=True)
    assert stage.packages(number) == stage.alive()


def test_a_site_that_cannot_list_shipments_is_served_through_its_orders() -> None:
    stage = UpsStage(labels={"find_shipments": "orders"})
    stage.acumatica.command("switch", {"shipment_list": "error"})
    number = stage.shipment(parcel())
    stage.run(minutes=5)
    assert stage.packages(number) == stage.alive()
    saves = stage.saves()
    stage.run(minutes=30)
    assert (stage.saves(), len(stage.labels())) == (saves, 1)


@pytest.mark.parametrize(
    ("fields", "settings", "said"),
    [
        ({"ShipVia": "UPSPLUGIN"}, {}, "second label"),
        ({}, {"labels": {"plug_in_ship_vias": ["GROUND"]}}, "second label"),
        ({"country": "GB"}, {"services": {"GROUND": {"domestic": "03"}}}, "no UPS service from US to GB"),
    ],
)
def test_what_must_not_be_bought_is_held_with_its_reason(fields: Any, settings: Any, said: str) -> None:
    stage = UpsStage(**settings)
    number = stage.shipment(parcel(), **fields)
    stage.run(minutes=3)
    assert said in held(stage, number)
    assert stage.labels() == []


def test_another_ship_via_is_not_ours_and_a_mapped_one_continues_by_itself() -> None:
    stage = UpsStage(services={"EXPRESS": {"domestic": "01"}})
    number = stage.shipment(parcel())
    stage.run(minutes=3)
    assert stage.label_record(number).status.value == "done"
    assert stage.labels() == []
    abroad = stage.shipment(parcel(), country="GB", ShipVia="EXPRESS")
    stage.run(minutes=3)
    assert "table services" in held(stage, abroad)
    both = {"EXPRESS": {"domestic": "01", "international": "07"}}
    stage.apply(document(services=both))
    stage.run(minutes=7)
    assert [label["service"] for label in stage.labels()] == ["07"]


# ---- packages, phones, weights -------------------------------------------------------------------------------


def test_a_missing_weight_is_held_by_name_and_a_correction_is_enough() -> None:
    stage = UpsStage()
    number = stage.shipment(parcel(0))
    stage.run(minutes=3)
    assert "package 1 weight: is missing" in held(stage, number)
    row = stage.erp("Shipment")[number]["Packages"][0]
    stage.edit(number, Packages=[{"id": row["id"], "Weight": 3}])
    stage.run(minutes=3)
    assert stage.packages(number) == stage.alive()


def test_a_missing_phone_is_held_by_name_abroad() -> None:
    stage = UpsStage()
    number = stage.shipment(parcel(), country="GB", ShipToContactOverride=True, ShipToContact={"Attention": "A. Yard"})
    stage.run(minutes=3)
    assert "ship-to phone: is missing" in held(stage, number)


def test_a_shipment_without_packages_is_held_or_gets_one_by_setting() -> None:
    stage = UpsStage()
    number = stage.shipment()
    stage.run(minutes=3)
    assert "no packages" in held(stage, number)
    stage.apply(document(labels={"box": "DEFAULT"}))
    stage.edit(number, Description="go on")
    stage.run(minutes=3)
    (package,) = stage.erp("Shipment")[number]["Packages"]
    assert [package["TrackingNbr"]] == stage.alive()
    assert package["Weight"] == 0.9
    assert len(stage.files(number)) == 1
    stage.run(minutes=60)
    assert len(stage.erp("Shipment")[number]["Packages"]) == 1


def test_a_packed_shipment_is_waited_for() -> None:
    stage = UpsStage(labels={"packages_confirmed": True, "hold_minutes": 10})
    number = stage.shipment(parcel())
    stage.run(minutes=15)
    assert stage.labels() == []
    row = stage.erp("Shipment")[number]["Packages"][0]
    stage.edit(number, Packages=[{"id": row["id"], "Confirmed": True}])
    stage.run(minutes=8)
    assert stage.labels() == []
    stage.run(minutes=5)
    assert stage.packages(number) == stage.alive()


def test_packages_with_foreign_tracking_numbers_are_left_alone() -> None:
    stage = UpsStage()
    whole = stage.shipment(parcel(TrackingNbr="1Z999AA10123456784"))
    half = stage.shipment(parcel(TrackingNbr="1Z999AA10123456784"), parcel())
    stage.run(minutes=3)
    assert stage.labels() == []
    assert stage.label_record(whole).status.value == "done"
    assert "1 of 2 packages" in held(stage, half)


def test_a_shipment_that_was_confirmed_too_early_is_not_forgotten() -> None:
    stage = UpsStage()
    number = stage.shipment(parcel())
    stage.acumatica.command("confirm_shipment", {"shipment_nbr": number})
    stage.run(minutes=3)
    assert "Confirmed and has no label" in held(stage, number)
    stage.acumatica.command("correct_shipment", {"shipment_nbr": number})
    stage.run(minutes=3)
    assert stage.packages(number) == stage.alive()


# ---- addresses -----------------------------------------------------------------------------------------------


def test_an_ambiguous_address_is_held_with_candidates_by_postal_code_until_a_person_accepts_it() -> None:
    stage = UpsStage()
    stage.ups.command("seed_address", {
        "lines": ["2210 Harbor View Rd", "Unit 5"], "city": "Tacoma", "state": "WA", "postal_code": "98407",
        "verdict": "ambiguous",
        "candidates": [[["2210 HARBOR VIEW RD N"], "TACOMA", "WA", "98408", "1234"]],
    })
    number = stage.shipment(parcel())
    stage.run(minutes=3)
    why = held(stage, number)
    assert "98408-1234 (differs in street, postal code)" in why
    assert "Harbor" not in why
    assert "HARBOR" not in why
    key = why.rsplit(": ", 1)[1]
    stage.apply(document(tables={"accepted_addresses": {key: "asked by phone"}}))
    stage.run(minutes=3)
    assert stage.packages(number) == stage.alive()


def test_an_unknown_address_is_held_or_continues_by_setting() -> None:
    stage = UpsStage()
    stage.ups.command("set", {"unknown_addresses": "none"})
    number = stage.shipment(parcel())
    stage.run(minutes=3)
    assert "UPS knows no such address" in held(stage, number)
    stage = UpsStage(addresses={"unknown": "continue"})
    stage.ups.command("set", {"unknown_addresses": "none"})
    number = stage.shipment(parcel())
    stage.run(minutes=3)
    assert stage.packages(number) == stage.alive()
    assert any("bought all the same" in note for note in stage.label_record(number).notes)


def test_what_ups_calls_residential_is_shipped_as_such() -> None:
    stage = UpsStage()
    stage.shipment(parcel())
    stage.run(minutes=3)
    (shipment,) = stage.ups.holdings()["shipments"].values()
    assert shipment["ship_to"]["residential"] is True


def test_long_address_lines_are_wrapped_with_a_note_and_never_cut() -> None:
    stage = UpsStage()
    address = {
        "AddressLine1": "2210 Harbor View Road Building Seven Entrance North", "AddressLine2": "Unit 5",
        "City": "Tacoma", "State": "WA", "PostalCode": "98407", "Country": "US",
    }  # fmt: skip
    number = stage.shipment(parcel(), ShipToAddressOverride=True, ShipToAddress=address)
    stage.run(minutes=3)
    (shipment,) = stage.ups.holdings()["shipments"].values()
    words = " ".join(shipment["ship_to"]["lines"]).split()
    assert words == f"{address['AddressLine1']} {address['AddressLine2']}".split()
    assert any("broken anew" in note for note in stage.label_record(number).notes)


def test_an_address_without_latin_letters_is_held_with_a_field_note() -> None:
    stage = UpsStage()
    address = {"AddressLine1": "1 東京 Street", "City": "Tacoma", "State": "WA", "PostalCode": "98407", "Country": "US"}
    number = stage.shipment(parcel(), ShipToAddressOverride=True, ShipToAddress=address)
    stage.run(minutes=3)
    assert "enter it in Latin letters" in held(stage, number)


# ---- abroad --------------------------------------------------------------------------------------------------


def test_a_shipment_to_canada_carries_its_invoice_and_its_value() -> None:
    stage = UpsStage()
    number = stage.shipment(parcel(), customer="LEVESQUE")
    stage.run(minutes=3)
    (shipment,) = stage.ups.holdings()["shipments"].values()
    assert (shipment["service"], shipment["international_forms"]) == ("11", True)
    assert stage.packages(number) == stage.alive()
    assert any(name.endswith(".pdf") for name in stage.files(number)), "the customs papers are attached"


def test_what_customs_needs_and_the_item_lacks_is_named() -> None:
    stage = UpsStage()
    stage.acumatica.command("edit", {"entity": "StockItem", "key": "0041", "fields": {"CountryOfOrigin": None}})
    number = stage.shipment(parcel(), country="GB")
    stage.run(minutes=3)
    assert "goods 1 country of origin: is missing" in held(stage, number)


def test_an_unmapped_unit_holds_until_it_is_mapped() -> None:
    stage = UpsStage(tables={"units": {}})
    number = stage.shipment(parcel(), country="GB")
    stage.run(minutes=3)
    assert "unit EA" in held(stage, number)
    stage.apply(document(tables={"units": {"EA": "EA"}}))
    stage.run(minutes=3)
    assert stage.packages(number) == stage.alive()


# ---- who pays, what it costs ---------------------------------------------------------------------------------


def test_a_shipment_on_the_customers_account_is_held_until_the_account_is_known() -> None:
    stage = UpsStage()
    number = stage.shipment(parcel())
    stage.edit(number, UseCustomersAccount=True)
    stage.run(minutes=3)
    assert "account of customer QUILL" in held(stage, number)
    assert stage.labels() == []


def test_the_freight_cost_is_written_in_the_same_save_where_configured() -> None:
    stage = UpsStage(labels={"freight_cost": True})
    number = stage.shipment(parcel())
    stage.run(minutes=3)
    assert stage.erp("Shipment")[number]["FreightCost"] == float(stage.labels()[0]["cost"])
    assert stage.saves().count("PUT Shipment") == 1


def test_the_cheapest_service_in_time_is_chosen_and_the_quote_noted() -> None:
    row = {"domestic": "03", "choose_from": ["01", "02", "03", "12"], "within_days": 3}
    stage = UpsStage(services={"GROUND": row})
    number = stage.shipment(parcel())
    stage.run(minutes=3)
    assert [label["service"] for label in stage.labels()] == ["12"]
    assert any(note.startswith("quote: service 12") for note in stage.label_record(number).notes)
    assert stage.packages(number) == stage.alive()


def test_no_service_in_time_is_held() -> None:
    stage = UpsStage(services={"GROUND": {"domestic": "03", "choose_from": ["03"], "within_days": 1}})
    number = stage.shipment(parcel())
    stage.run(minutes=3)
    assert "offers none of the services" in held(stage, number)


def test_an_account_without_rates_of_its_own_is_noted() -> None:
    stage = UpsStage()
    stage.ups.world.negotiating.clear()
    number = stage.shipment(parcel())
    stage.run(minutes=3)
    assert any("not eligible" in note for note in stage.label_record(number).notes)


# ---- refusals and write-back ---------------------------------------------------------------------------------


def test_a_refusal_says_what_ups_said_and_a_correction_buys_the_label() -> None:
    stage = UpsStage(addresses={"validate_first": False})
    wrong = {"AddressLine1": "1 Main St", "City": "Tacoma", "State": "WA", "PostalCode": "10118", "Country": "US"}
    number = stage.shipment(parcel(), ShipToAddressOverride=True, ShipToAddress=wrong)
    stage.run(minutes=3)
    record = stage.label_record(number)
    assert record.status.value == "refused"
    assert "no label was bought" in record.why
    right = {"ShipToAddressOverride": True, "ShipToAddress": {**wrong, "PostalCode": "98407"}}
    stage.edit(number, ShippingSettings=right)
    stage.run(minutes=5)
    assert stage.packages(number) == stage.alive()
    assert len(stage.labels()) == 1


@pytest.mark.parametrize(
    ("fault", "match"),
    [
        (Fault.ERROR_500_BEFORE, "PUT /Acme/entity/Default/[0-9.]+/Shipment"),
        (Fault.ERROR_500_AFTER, "PUT /Acme/entity/Default/[0-9.]+/Shipment"),
        (Fault.DROP_AFTER, "PUT /Acme/entity/Default/[0-9.]+/Shipment"),
        (Fault.DROP_BEFORE, "PUT .*/files/"),
        (Fault.DROP_AFTER, "PUT .*/files/"),
        (Fault.THROTTLED, "PUT .*/files/"),
        (Fault.GARBAGE_AFTER, "PUT /Acme/entity/Default/[0-9.]+/Shipment"),
    ],
)
def test_a_failing_write_back_buys_no_second_label(fault: Fault, match: str) -> None:
    stage = UpsStage()
    stage.run(minutes=1)
    number = stage.shipment(parcel(), parcel())
    stage.acumatica.dial.plan(fault, match, times=3)
    stage.run(minutes=120)
    assert len(stage.labels()) == 2
    assert stage.packages(number) == stage.alive()
    assert len(stage.files(number)) == 2
    assert stage.label_record(number).status.value == "done"


def test_a_write_back_that_the_erp_refuses_is_a_persons_and_buys_nothing() -> None:
    stage = UpsStage()
    number = stage.shipment(parcel())
    confirmed: list[bool] = []

    def confirm_meanwhile(request: Any) -> None:
        if "/ship" in request.url and "shipments/v" in request.url and not confirmed:
            confirmed.append(True)
            stage.acumatica.command("confirm_shipment", {"shipment_nbr": number})

    stage.wire.before = confirm_meanwhile
    stage.run(minutes=30)
    why = held(stage, number)
    assert "is bought, but Acumatica does not take it" in why
    assert stage.alive()[0] in why
    stage.run(minutes=600)
    assert len(stage.labels()) == 1


def test_a_label_whose_image_is_damaged_is_recovered() -> None:
    stage = UpsStage()
    number = stage.shipment(parcel())
    exchange = stage.wire.exchange

    def damaged(request: Any) -> Any:
        reply = exchange(request)
        if request.purpose != "buy label":
            return reply
        return replace(reply, body=re.sub(rb'"GraphicImage": "[^"]+"', b'"GraphicImage": "!!"', reply.body))

    stage.wire.exchange = damaged  # type: ignore[method-assign]
    stage.run(minutes=3)
    (sold,) = stage.alive()
    assert stage.files(number) == [f"ups-{sold}.zpl"]
    assert any("it is recovered" in note for note in stage.label_record(number).notes)
    assert stage.world.bodies.get(f"labels/demo/{number}/{sold}").strip().startswith(b"^XA")


def test_packages_that_come_back_in_reverse_are_put_in_order() -> None:
    stage = UpsStage()
    stage.ups.command("set", {"reversed_packages": True})
    number = stage.shipment(parcel(4.5), parcel(7), parcel(9))
    stage.run(minutes=3)
    weights = {label["tracking_number"]: float(label["weight"]) for label in stage.labels()}
    assert [weights[each] for each in stage.packages(number)] == [4.5, 7, 9]


def test_quirks_of_single_elements_and_empty_containers_change_nothing() -> None:
    stage = UpsStage()
    stage.ups.command("set", {"single_as_object": True, "empty_as_text": True})
    number = stage.shipment(parcel())
    stage.run(minutes=3)
    assert stage.packages(number) == stage.alive()


def test_forty_packages_make_an_answer_that_lies_in_the_bucket() -> None:
    stage = UpsStage()
    number = stage.shipment(*(parcel(1 + place) for place in range(40)), quantity=40)
    stage.run(minutes=10)
    assert stage.packages(number) == stage.alive()
    assert len(stage.files(number)) == 40


def test_oauth_for_pushes_of_version_1_is_refused_in_clear_words() -> None:
    with pytest.raises(InvalidConnection, match="oauth needs"):
        UpsStage(ups={"track_alert": "v1"}, tracking={"push_credentials": "oauth"})


def test_no_log_line_holds_a_person_or_a_secret() -> None:
    stage = UpsStage()
    stage.shipment(parcel(), country="GB")
    stage.shipment(parcel())
    stage.run(minutes=5)
    text = str(stage.world.lines())
    for word in ("Quill", "Marta", "Harbor", "98407", "ups-local-secret", "simulated-password"):
        assert not told(word, text)
