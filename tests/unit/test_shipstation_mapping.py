"""Mapping between Acumatica and ShipStation: keys, lines of parcels, what the warehouse owns, what is a change."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from acumatica_shipstation.known_items import KnownItem
from acumatica_shipstation.mapping.order_changes import differences, with_what_the_warehouse_owns
from acumatica_shipstation.mapping.orders import key_of, number_of, source_key_of
from acumatica_shipstation.mapping.parcels import (
    Parcel,
    Source,
    allocate,
    by_warehouse,
    of_fulfillment,
    of_shipment,
    rest_of,
    revision_of,
    ship_via,
)
from acumatica_shipstation.mapping.texts import block, with_block
from acumatica_shipstation.parcels import Known, left_of
from acumatica_shipstation.sent import SentLine
from acumatica_shipstation.settings import AcumaticaShipStation, Service
from connector.connection import parse_document
from connector.outcome import Held, Missing
from tests.support.shipstation_stage import document
from vendors.shipstation.shapes import OrderItem, parse_fulfillment, parse_order, parse_shipment

FILE = parse_document(document(), AcumaticaShipStation)
ITEM = OrderItem("1", "A", "a", 1, adjustment=False, order_item_id=None)


def parcel(**changes: Any) -> Parcel:
    usual = Parcel("7", 1, "k", "SO1", "1Z", "ups", "ups_ground", date(2026, 3, 2), False, None, None)
    return replace(usual, **changes)


def line(number: int, sku: str, pieces: int, warehouse: str = "MAIN", factor: str = "1") -> SentLine:
    return SentLine(number, sku, pieces, Decimal(factor), warehouse, "EA")


def source(key: str, *lines: SentLine, left: dict[int, int] | None = None) -> Source:
    return Source(key, "C1", lines, left or {each.line_number: each.pieces for each in lines})


# ---- keys ---------------------------------------------------------------------------------------------------

words = st.text("ABCSO0123456789-", min_size=1, max_size=15) | st.from_regex(r"[AB-]{0,3}(-R[0-9]{1,3}){1,2}\Z")


@given(st.sampled_from(["SO", "SA", "RM"]), words, st.integers(0, 40))
def test_a_key_says_whose_it_is_however_often_it_was_sent(order_type: str, number: str, again: int) -> None:
    key = key_of(FILE, order_type, number, again)
    assert source_key_of(FILE, key) == f"{order_type}/{number}"
    assert number_of(key) == number


@pytest.mark.parametrize("key", [None, "", "SO-1", "OTHER-SO-1", "ACU-SO-", "3f2504e0-4f89-11d3-9a0c-0305e82c3301"])
def test_keys_of_others_are_nobodys(key: str | None) -> None:
    assert source_key_of(FILE, key) is None


# ---- lines of parcels ---------------------------------------------------------------------------------------


def test_an_item_goes_to_the_line_that_it_was_made_of() -> None:
    mine = source("SO/1", line(1, "A", 5), line(2, "A", 5))
    assert allocate(parcel(), [replace(ITEM, line_item_key="2", quantity=3)], [mine]) == {"SO/1": {2: 3}}


def test_what_does_not_fit_its_line_goes_to_another_one_with_its_sku() -> None:
    mine = source("SO/1", line(1, "A", 2), line(2, "A", 5))
    assert allocate(parcel(), [replace(ITEM, quantity=4)], [mine]) == {"SO/1": {1: 2, 2: 2}}


def test_substitutes_and_excess_are_held_in_words() -> None:
    mine = source("SO/1", line(1, "A", 2))
    excess = allocate(parcel(), [replace(ITEM, quantity=3)], [mine])
    assert isinstance(excess, Held)
    assert "1 of A more than the order has open" in excess.why
    other = allocate(parcel(), [replace(ITEM, sku="B")], [mine])
    assert isinstance(other, Held)
    assert "which the order does not have" in other.why


def test_discounts_are_no_goods() -> None:
    mine = source("SO/1", line(1, "A", 2))
    assert allocate(parcel(), [replace(ITEM, sku="10% OFF", adjustment=True)], [mine]) == {}


lines_of = st.lists(st.tuples(st.sampled_from("AB"), st.integers(1, 6)), min_size=1, max_size=4)
line_keys = st.sampled_from(["1", "2", "3", None])
items_of = st.lists(st.tuples(line_keys, st.sampled_from("AB"), st.integers(1, 6)), max_size=5)


def made(rows: list[tuple[str | None, str, int]]) -> list[OrderItem]:
    return [replace(ITEM, line_item_key=key, sku=sku, quantity=quantity) for key, sku, quantity in rows]


def total(items: list[OrderItem] | tuple[OrderItem, ...], sku: str) -> int:
    return sum(item.quantity for item in items if item.sku == sku)


@given(st.lists(lines_of, min_size=1, max_size=3), items_of)
def test_every_piece_is_given_to_one_line_and_no_line_gets_more_than_it_has(
    orders: list[list[tuple[str, int]]], rows: list[tuple[str | None, str, int]]
) -> None:
    sources = [
        source(f"SO/{place}", *(line(number, *each) for number, each in enumerate(lines, start=1)))
        for place, lines in enumerate(orders)
    ]
    items = made(rows)
    taken = allocate(parcel(), items, sources)
    open_pieces = {sku: sum(each.pieces for one in sources for each in one.lines if each.sku == sku) for sku in "AB"}
    fits = all(total(items, sku) <= open_pieces[sku] for sku in "AB")
    assert isinstance(taken, Held) is not fits
    if isinstance(taken, Held):
        return
    for sku in "AB":
        given_out = sum(
            taken.get(one.key, {}).get(each.line_number, 0) for one in sources for each in one.lines if each.sku == sku
        )
        assert given_out == total(items, sku)
    for one in sources:
        for each in one.lines:
            assert taken.get(one.key, {}).get(each.line_number, 0) <= each.pieces


@given(items_of, items_of, lines_of)
def test_the_rest_never_holds_what_a_label_holds_nor_more_than_is_left(
    rows: list[tuple[str | None, str, int]], labelled: list[tuple[str | None, str, int]], lines: list[tuple[str, int]]
) -> None:
    mine = source("SO/1", *(line(number, *each) for number, each in enumerate(lines, start=1)))
    items = made(rows)
    rest = rest_of(items, made(labelled), [mine])
    for sku in "AB":
        open_pieces = sum(each.pieces for each in mine.lines if each.sku == sku)
        if any(each.sku == sku for each in mine.lines):
            assert total(rest, sku) <= open_pieces
        assert 0 <= total(rest, sku) <= total(items, sku)
    assert len(rest) == len(items)


def test_other_parcels_of_the_order_leave_less_and_void_ones_give_back() -> None:
    lines = (line(1, "A", 5), line(2, "B", 2))
    others = {"1": Known("1", {"1": 2}), "2": Known("2", {"1": 1, "2": 2}, voided=True), "7": Known("7", {"1": 3})}
    assert left_of(lines, others, "7") == {1: 3, 2: 2}


def test_pieces_become_the_lines_own_unit_by_warehouse() -> None:
    mine = source("SO/1", line(1, "A", 24, "WEST", "12"), line(2, "B", 3, "EAST"))
    assert by_warehouse(parcel(), mine, {1: 12, 2: 3}) == {"WEST": {1: Decimal(1)}, "EAST": {2: Decimal(3)}}
    part = by_warehouse(parcel(), source("SO/1", line(1, "A", 24, "WEST", "7")), {1: 1})
    assert isinstance(part, Held)
    assert "would round" in part.why


# ---- carriers and revisions ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("carrier", "via"), [("ups", "GROUND"), ("ups_walleted", "GROUND"), ("fedex", "EXPRESS")])
def test_a_carrier_is_found_by_its_code_or_what_it_begins_with(carrier: str, via: str) -> None:
    assert ship_via(parcel(carrier=carrier), FILE) == via


def test_a_carrier_that_is_not_mapped_is_missing_by_name() -> None:
    assert ship_via(parcel(carrier="dhl", service="x"), FILE) == Missing("carriers", "dhl|x")
    assert ship_via(parcel(carrier="dhl", service=""), FILE) == Missing("carriers", "dhl")
    assert ship_via(parcel(carrier="", service=""), FILE) == Missing("carriers", "*")


def test_only_what_matters_is_news() -> None:
    label = parcel(items=(ITEM,))
    assert revision_of(label) == revision_of(replace(label, weight_oz=Decimal(3)))
    for change in ({"voided": True}, {"tracking": "2Z"}, {"items": None}, {"items": ()}, {"carrier": "fedex"}):
        assert revision_of(replace(label, **change)) != revision_of(label)


def test_both_kinds_of_parcels_are_read() -> None:
    weight = {"value": 1, "units": "pounds"}
    label = of_shipment(parse_shipment({"shipmentId": 9, "shipmentItems": None, "weight": weight}))
    assert (label.key, label.is_label, label.weight_oz, label.mark) == ("9", True, Decimal(16), "ss:9.")
    marked = of_fulfillment(parse_fulfillment({"fulfillmentId": 9, "shipDate": "2016-06-07T00:00:00.0000000"}))
    assert (marked.key, marked.is_label, marked.day, marked.tracking) == ("F9", False, date(2016, 6, 7), "")


# ---- changes ------------------------------------------------------------------------------------------------

BODY: dict[str, Any] = {
    "orderKey": "k", "internalNotes": "Acumatica SO 1", "requestedShippingService": "GROUND",
    "shipTo": {"name": "Jane Roe", "street1": "1 Main St", "city": "Troy", "postalCode": "12180", "country": "US",
               "residential": True},
    "items": [{"lineItemKey": "1", "sku": "A", "quantity": 2}],
    "advancedOptions": {"storeId": 1, "customField1": "SO/1"},
}  # fmt: skip


def there(**changes: Any) -> Any:
    stored = {"orderId": 5, "orderStatus": "awaiting_shipment", **BODY,
              "items": [{"lineItemKey": "1", "sku": "A", "quantity": 2, "adjustment": False}], **changes}  # fmt: skip
    return parse_order(stored)


def test_what_shipstation_does_by_itself_is_no_edit() -> None:
    tidy = {**BODY["shipTo"], "residential": False, "postalCode": "12180-1234", "city": "TROY", "street2": None}
    discount = {"lineItemKey": None, "sku": "OFF", "quantity": 1, "adjustment": True}
    order = there(shipTo=tidy, items=[*there().document["items"], discount])
    assert differences(order, BODY) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"items": []}, "line 1 (A) is not there"),
        ({"items": [{"lineItemKey": "1", "sku": "A", "quantity": 1}]}, "line 1 is 1 of A there, 2 of A here"),
        ({"items": [*BODY["items"], {"lineItemKey": None, "sku": "B", "quantity": 3}]}, "3 of B was added there"),
        ({"items": [*BODY["items"], {"lineItemKey": "9", "sku": "B", "quantity": 3}]}, "line 9 (B) is there and not"),
        ({"shipTo": {**BODY["shipTo"], "street1": "2 Main St"}}, "the ship-to street1 is another one"),
        ({"shipTo": {**BODY["shipTo"], "postalCode": "12181"}}, "the ship-to postalCode is another one"),
    ],
)
def test_edits_are_found_and_told_without_personal_values(change: dict[str, Any], words: str) -> None:
    (found,) = differences(there(**change), BODY)
    assert found.startswith(words)
    assert "Main St" not in found


def test_a_save_lets_everything_ride_along_that_the_warehouse_owns() -> None:
    order = there(
        carrierCode="ups", serviceCode="ups_ground", tagIds=[4], weight={"value": 3, "units": "ounces"},
        internalNotes="call first", orderStatus="on_hold",
        advancedOptions={"storeId": 1, "warehouseId": 7, "customField1": "old", "customField3": "x", "mergedIds": []},
    )  # fmt: skip
    body = with_what_the_warehouse_owns({**BODY, "carrierCode": "fedex"}, order, other_service=False)
    assert (body["carrierCode"], body["serviceCode"], body["tagIds"]) == ("ups", "ups_ground", [4])
    assert body["orderStatus"] == "on_hold"
    assert body["orderId"] == 5
    assert body["internalNotes"] == "Acumatica SO 1\ncall first"
    assert body["advancedOptions"] == {"storeId": 1, "customField1": "SO/1", "warehouseId": 7, "customField3": "x"}
    again = with_what_the_warehouse_owns(BODY, there(internalNotes=body["internalNotes"]), other_service=False)
    assert again["internalNotes"] == body["internalNotes"]


def test_lines_keep_what_was_set_on_them_there_and_discounts_stay() -> None:
    weight, discount = {"value": 7, "units": "ounces"}, {"lineItemKey": None, "sku": "OFF", "quantity": 1}
    stored = [{**BODY["items"][0], "weight": weight, "warehouseLocation": "R1", "orderItemId": 4},
              {**discount, "adjustment": True, "orderItemId": 5, "createDate": "x"}]  # fmt: skip
    ours = {**BODY, "items": [{**BODY["items"][0], "quantity": 3, "weight": {"value": 9, "units": "ounces"}}]}
    body = with_what_the_warehouse_owns(ours, there(items=stored), other_service=False)
    line, kept = body["items"]
    assert (line["quantity"], line["weight"], line["warehouseLocation"]) == (3, weight, "R1")
    assert kept == {**discount, "adjustment": True}
    assert differences(there(items=body["items"]), body) == []
    other = {**BODY, "items": [{**BODY["items"][0], "sku": "B"}]}
    assert "weight" not in with_what_the_warehouse_owns(other, there(items=stored), other_service=False)["items"][0]


def test_another_ship_via_brings_its_own_carrier() -> None:
    order = there(carrierCode="ups", serviceCode="ups_ground")
    body = with_what_the_warehouse_owns({**BODY, "carrierCode": "fedex", "serviceCode": "x"}, order, other_service=True)
    assert (body["carrierCode"], body["serviceCode"]) == ("fedex", "x")
    assert "carrierCode" not in with_what_the_warehouse_owns(BODY, order, other_service=True)


# ---- texts and tables ---------------------------------------------------------------------------------------


def test_the_note_keeps_what_people_wrote() -> None:
    parcels = {"10": Known("10", {}, {}, "1Z", "ups", "", "2026-03-02"), "F9": Known("F9", voided=True, tracking="2Z")}
    text = block(parcels)
    assert "Shipment 10: ups 1Z shipped 2026-03-02" in text
    assert "Fulfilment 9: 2Z void" in text
    note = with_block("Call before noon.", text)
    assert note.startswith("Call before noon.")
    assert with_block(note, "") .strip() == "Call before noon."
    assert block({}) == ""


def test_a_carrier_code_alone_is_refused_before_shipstation_does() -> None:
    with pytest.raises(ValidationError, match="both carrier_code and service_code"):
        Service.model_validate({"carrier_code": "ups"})


def test_a_unit_without_a_conversion_is_never_one_to_one() -> None:
    item = KnownItem("A", "EA", {"CASE": Decimal(12)}, "a", None, "")
    assert (item.factor("EA"), item.factor("CASE"), item.factor("BOX")) == (Decimal(1), Decimal(12), None)
