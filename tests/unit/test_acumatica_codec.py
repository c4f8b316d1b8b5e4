"""The wrapped JSON of Acumatica: reading without inventing, writing without losing."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vendors.acumatica import codec, contract
from vendors.acumatica.rows import Row, read_row

NEWEST = "25.200.001"
ZONE = ZoneInfo("America/New_York")


# ---- reading ---------------------------------------------------------------------------------------------------


def test_wrapped_and_unwrapped_members() -> None:
    document = {
        "id": "g", "rowNumber": 1, "note": {"value": "hello  "}, "OrderNbr": {"value": "SO1  "}, "Cost": {},
        "Details": [{"id": "r", "note": None, "Qty": {"value": Decimal("1.50")}, "custom": {}}],
        "ShipToAddress": {"City": {"value": "Rome"}, "AddressLine2": {}},
        "custom": {"Document": {"AttributeX": {"type": "CustomStringField", "value": "v "}, "AttributeY": {}}},
        "_links": {"self": "/x", "files:put": "/f/{filename}"}, "files": [{"filename": "Shipments (S)\\a.gif"}],
    }
    plain = codec.unwrap(document, "SalesOrder")
    assert plain["OrderNbr"] == "SO1"
    assert plain["Cost"] is None
    assert plain["note"] == "hello"
    assert plain["Details"][0]["Qty"] == Decimal("1.50")
    assert plain["ShipToAddress"] == {"City": "Rome", "AddressLine2": None}
    row = Row("SalesOrder", plain, ZONE)
    assert row.custom == {"Document.AttributeX": "v"}
    assert row.upload_link == "/f/{filename}"
    assert row.file_names == ("a.gif",)


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"Status": {"value": {"ID": "N", "Description": "Open"}}}, "S.Status"),
        ({"Status": "Open"}, "S.Status"),
        ({"Details": [{"Qty": 1}]}, r"S.Details\[1\].Qty"),
        ({"Details": ["x"]}, r"S.Details\[1\]"),
        ("x", "S"),
        ({"custom": {"D": {"A": {"value": {"ID": 1}}}}}, "custom.D.A"),
    ],
)
def test_another_dialect_fails_loudly(document: Any, path: str) -> None:
    with pytest.raises(codec.WrongDialect, match=path):
        assert read_row(document, "S", ZONE).custom


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda children: st.lists(children)
        | st.dictionaries(st.sampled_from(["id", "value", "A", "custom"]), children),
    )
)
def test_any_json_is_read_or_refused_but_never_crashes(document: Any) -> None:
    try:
        row = read_row(document, "X", ZONE)
    except ValueError:
        return
    assert row.path == "X"


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (lambda row: row.text("F"), 5),
        (lambda row: row.number("F"), True),
        (lambda row: row.number("F"), "5"),
        (lambda row: row.number("F"), float("nan")),
        (lambda row: row.whole("F"), Decimal("1.5")),
        (lambda row: row.flag("F"), "true"),
        (lambda row: row.rows("F"), {"A": 1}),
        (lambda row: row.linked("F"), [1]),
        (lambda row: row.day("F"), "soon"),
        (lambda row: row.instant("F"), "soon"),
    ],
)
def test_a_wrong_type_is_said_with_its_path(read: Any, value: Any) -> None:
    with pytest.raises(ValueError, match="SalesOrder SO/1: F "):
        read(Row("SalesOrder SO/1", {"F": value}, ZONE))


def test_zero_and_false_are_not_absent() -> None:
    row = Row("X", {"Zero": 0, "No": False, "Empty": ""}, ZONE)
    assert row.number("Zero") == 0
    assert row.flag("No") is False
    assert (row.text("Empty"), row.number("Nothing"), row.flag("Nothing")) == (None, None, None)


# ---- writing ---------------------------------------------------------------------------------------------------


def test_a_body_in_the_vendors_terms() -> None:
    body = codec.wrap(
        "Shipment",
        {
            "ShipmentNbr": "SH1", "ShipmentDate": date(2026, 3, 4), "Hold": False, "FreightCost": Decimal("1.10"),
            "note": "n", "Packages": [{"id": "p", "Weight": 2, "TrackingNbr": None}, {"id": "q", "delete": True}],
            "custom": {"Document.AttributeA": "x", "Document.AttributeB": Decimal("1.5"), "CurrentDocument.UsrC": True},
        },
        NEWEST,
    )
    assert body == {
        "ShipmentNbr": {"value": "SH1"}, "ShipmentDate": {"value": "2026-03-04"}, "Hold": {"value": False},
        "FreightCost": {"value": 1.1}, "note": {"value": "n"},
        "Packages": [
            {"id": "p", "Weight": {"value": 2}, "TrackingNbr": {"value": None}}, {"id": "q", "delete": True},
        ],
        "custom": {
            "Document": {
                "AttributeA": {"type": "CustomStringField", "value": "x"},
                "AttributeB": {"type": "CustomDecimalField", "value": 1.5},
            },
            "CurrentDocument": {"UsrC": {"type": "CustomBooleanField", "value": True}},
        },
    }


@pytest.mark.parametrize(
    ("entity", "body", "says"),
    [
        ("Shipment", {"TrackingNumber": "1Z"}, r"Shipment\.TrackingNumber"),
        ("SalesOrder", {"Status": "Open"}, r"SalesOrder\.Status"),
        ("SalesOrder", {"Details": [{"Quantity": 1}]}, r"SalesOrderDetail\.Quantity"),
        ("ShipmentPackage", {"Description": "x" * 31}, "30 characters"),
        ("Shipment", {"Hold": "false"}, "must be bool"),
        ("Shipment", {"FreightCost": "1.10"}, "must be a number"),
        ("Shipment", {"FreightCost": True}, "must be a number"),
        ("Shipment", {"FreightCost": Decimal("NaN")}, "finite"),
        ("Shipment", {"FreightCost": Decimal("0.12345678901234567890123")}, "digits"),
        ("ShipmentPackage", {"LineNbr": True}, "whole number"),
        ("ShipmentPackage", {"LineNbr": Decimal(1)}, "must be int"),
        ("Shipment", {"ShipmentDate": datetime(2026, 3, 4, tzinfo=UTC)}, "is a day"),
        ("Shipment", {"ShipmentDate": "04.03.2026"}, "isoformat"),
        ("Shipment", {"custom": {"AttributeX": "v"}}, "View.Field"),
        ("Shipment", {"custom": {"Document.AttributeX": ["v"]}}, "cannot hold list"),
        ("Warehouse", {"WarehouseID": "A"}, "not an entity that this connector writes"),
    ],
)
def test_what_acumatica_would_ignore_or_bend_is_refused_here(entity: str, body: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        codec.wrap(entity, body, NEWEST)


def test_fields_of_later_contracts_are_refused_on_older_ones() -> None:
    assert codec.wrap("Shipment", {"FreightPrice": 1}, "22.200.001")
    with pytest.raises(ValueError, match=r"20\.200\.001"):
        codec.wrap("Shipment", {"FreightPrice": 1}, "20.200.001")


@given(st.decimals(-10**9, 10**9, places=4))
def test_money_survives_the_way_through_json(amount: Decimal) -> None:
    text = json.dumps(codec.wrap("Bill", {"Amount": amount}, NEWEST))
    assert json.loads(text, parse_float=Decimal)["Amount"]["value"] == amount


def test_a_stored_draft_means_the_same_after_json() -> None:
    body = {"Date": "2026-03-02", "Amount": json.loads("184.37"), "Details": [{"Qty": 1}]}
    wrapped = codec.wrap("Bill", body, NEWEST)
    assert (wrapped["Date"], wrapped["Amount"]) == ({"value": "2026-03-02"}, {"value": 184.37})


def test_actions_take_keys_and_known_parameters_only() -> None:
    keys = {"OrderType": "SO", "OrderNbr": "SO1"}
    body = codec.wrap_action(
        "SalesOrder", "SalesOrderCreateShipment", keys, {"ShipmentDate": date(2026, 3, 4)}, NEWEST
    )
    assert body["parameters"] == {"ShipmentDate": {"value": "2026-03-04"}}
    assert body["entity"] == {"OrderType": {"value": "SO"}, "OrderNbr": {"value": "SO1"}}
    assert codec.wrap_action("Shipment", "ConfirmShipment", {"id": "g"}, {}, NEWEST) == {"entity": {"id": "g"}}
    for wrong_keys, parameters in (({**keys, "Hold": False}, {}), ({}, {}), (keys, {"Warehouse": "A"})):
        with pytest.raises(ValueError, match="SalesOrderCreateShipment"):
            codec.wrap_action("SalesOrder", "SalesOrderCreateShipment", wrong_keys, parameters, NEWEST)
    custom = codec.wrap_action("Shipment", "putOnHold", {"id": "g"}, {"custom": {"Filter.Reason": "x"}}, NEWEST)
    assert custom["parameters"]["custom"]["Filter"]["Reason"]["value"] == "x"


# ---- the contract table against the vendor's published metadata ------------------------------------------------

WORDS = {
    "StringValue": "text", "BooleanValue": "boolean", "IntValue": "integer", "ShortValue": "integer",
    "DecimalValue": "decimal", "DateTimeValue": "day",
}
LABELS = {"Type", "Operation", "Status", "ShippingRule"}


@pytest.fixture(scope="module")
def catalogue(shared: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((shared / "specs/acumatica/default-entities.json").read_text())["entities"]
    return found


def test_every_written_field_exists_with_its_kind_length_and_first_version(catalogue: dict[str, Any]) -> None:
    checked = 0
    for entity in contract._WRITTEN:
        known = catalogue[entity]["fields"]
        for name, rule in contract.written_fields(entity).items():
            assert name in known, f"{entity}.{name}"
            field = known[name]
            since = field.get("versions", ["20.200.001"])[0]
            assert (rule.since or "20.200.001") == since, f"{entity}.{name} exists since {since}"
            assert "25.200.001" in field.get("versions", ["25.200.001"]), f"{entity}.{name}"
            if rule.entity:
                assert field["type"] == rule.entity + ("[]" if rule.collection else ""), f"{entity}.{name}"
            else:
                assert WORDS[field["type"]] == rule.kind, f"{entity}.{name}"
            if rule.length is not None:
                assert rule.length == field["db_length"], f"{entity}.{name}"
            elif not rule.entity and name not in LABELS:
                assert (field.get("db_length") or 255) > 14 or rule.kind != "text", f"{entity}.{name} has a length"
            checked += 1
    assert checked > 150


def test_keys_actions_and_change_stamps_are_the_contracts(catalogue: dict[str, Any]) -> None:
    for entity, keys in contract.KEYS.items():
        assert tuple(catalogue[entity]["keys"]) == keys
    for entity, actions in contract.ACTIONS.items():
        for name, parameters in actions.items():
            assert set(catalogue[entity]["actions"][name]["parameters"]) == set(parameters)
    for entity in contract._STAMPS:
        field = catalogue[entity]["fields"][contract.change_stamp(entity, NEWEST)]
        assert field["type"] == "DateTimeValue"
        for version in ("20.200.001", "22.200.001", "23.200.001", NEWEST):
            try:
                contract.change_stamp(entity, version)
            except ValueError:
                assert version not in field.get("versions", [version])
            else:
                assert version in field.get("versions", [version])


def test_entities_without_a_stamp_say_so() -> None:
    with pytest.raises(ValueError, match="cannot be polled"):
        contract.change_stamp("ShipVia", NEWEST)
    with pytest.raises(ValueError, match="cannot be polled"):
        contract.change_stamp("InventoryAdjustment", "22.200.001")
