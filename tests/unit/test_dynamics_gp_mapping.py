"""The pure parts of Dynamics GP - ShipBob: targets converge, numbers are exact, texts fit."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynamicsgp_shipbob.mapping.amounts import digits_of, fits, money, plain, quantity
from dynamicsgp_shipbob.mapping.shipments import LineTarget, Target, plan, ready_to_post, satisfied
from vendors.dynamics_gp.limits import LIMITS, Checked
from vendors.dynamics_gp.limits import plain as allowed
from vendors.dynamics_gp.shapes.sales import Document, Line

NUMBER = "SB337200001"


def line(quantity: int, allocated: int, fulfilled: int, site: str) -> Line:
    return Line(16384, "ITEM", "Each", site, Decimal(quantity), None, None, Decimal(allocated), Decimal(fulfilled),
                Decimal(0), None)  # fmt: skip


def order(row: Line, *tracking: str) -> Document:
    return Document(
        NUMBER, "Order", "Work", False, "SB-1", "STDORD", "C", "WAREHOUSE", "B", "USD", "GROUND", None, None, None,
        None, tracking, (row,),
    )  # fmt: skip


def target(left: int, sites: set[str], *tracking: str) -> Target:
    lines = {16384: LineTarget(Decimal(left), "2026-03-03T00:00:00" if left else "", sites)}
    return Target(tracking, lines, "2026-03-03T00:00:00" if left else "", "", [], ())


def apply(held: Document, body: dict[str, object]) -> Document:
    """What GP holds after an update that it took as it was."""
    from dataclasses import replace

    row, numbers = held.lines[0], list(held.tracking)
    for entry in body.get("TrackingNumbers", ()):  # type: ignore[attr-defined]
        name = entry["Key"]["Id"]
        numbers = [one for one in numbers if one != name] if entry.get("DeleteOnUpdate") else [*numbers, name]
    for sent in body.get("Lines", ()):  # type: ignore[attr-defined]
        if "WarehouseKey" in sent:
            row = replace(row, site=sent["WarehouseKey"]["Id"])
        if "QuantityFulfilled" in sent:
            row = replace(row, fulfilled=Decimal(sent["QuantityFulfilled"]["Value"]))
    return replace(held, lines=(row,), tracking=tuple(numbers))


AMOUNTS = st.integers(0, 9)
SITES = st.sampled_from(["WAREHOUSE", "NORTH"])
NUMBERS = st.lists(st.sampled_from(["1Z1", "1Z2", "1Z3"]), unique=True, max_size=3)


@settings(max_examples=300)
@given(
    quantity=st.integers(1, 9), allocated=AMOUNTS, fulfilled=AMOUNTS, left=AMOUNTS, site=SITES, wanted=st.sets(SITES),
    there=NUMBERS, tracking=NUMBERS, stale=NUMBERS, fulfil=st.booleans(),
)  # fmt: skip
def test_one_update_reaches_the_target_and_never_takes_back(
    quantity: int, allocated: int, fulfilled: int, left: int, site: str, wanted: set[str], there: list[str],
    tracking: list[str], stale: list[str], fulfil: bool,
) -> None:  # fmt: skip
    held = order(line(quantity, allocated, fulfilled, site), *there)
    meant = target(left, wanted, *tracking)
    gone = [number for number in stale if number not in tracking]
    planned = plan(held, meant, gone, fulfil=fulfil)
    if planned.body is None:
        return
    after = apply(held, planned.body)
    assert satisfied(after, planned.body)
    assert plan(after, meant, gone, fulfil=fulfil).body is None
    assert after.lines[0].fulfilled >= fulfilled
    if after.lines[0].fulfilled != fulfilled:
        assert fulfilled < after.lines[0].fulfilled <= min(allocated, quantity, left)
    if after.lines[0].site != site:
        assert allocated == 0
    assert set(tracking) <= set(after.tracking)
    assert not set(gone) & set(after.tracking)


def test_ready_to_post_needs_everything_fulfilled_and_traced() -> None:
    assert ready_to_post(order(line(2, 2, 2, "N"), "1Z1"), target(2, set(), "1Z1"))
    assert not ready_to_post(order(line(2, 2, 1, "N"), "1Z1"), target(2, set(), "1Z1"))
    assert not ready_to_post(order(line(2, 2, 2, "N")), target(2, set(), "1Z1"))
    assert not ready_to_post(order(line(2, 2, 2, "N")), target(2, set()))


@given(st.decimals(min_value=-1000, max_value=1000, places=5))
def test_amounts_are_exact(value: Decimal) -> None:
    assert fits(value)
    assert Decimal(quantity(value)["Value"]) == value
    assert int(quantity(value)["DecimalDigits"]) == digits_of(value)
    assert Decimal(money(value, "USD")["Value"]) == value
    assert int(money(value, "USD")["DecimalDigits"]) >= 2
    assert Decimal(plain(value)) == value
    assert "E" not in plain(value)


def test_what_gp_cannot_hold_does_not_fit() -> None:
    assert not fits(Decimal("0.000001"))
    assert fits(Decimal("1E+3"))
    assert quantity(Decimal("1E+3")) == {"Value": "1000", "DecimalDigits": "0"}


@pytest.mark.parametrize(("field", "limit"), LIMITS.items())
def test_every_text_is_held_to_its_limit(field: str, limit: int) -> None:
    notes: list[str] = []
    checked = Checked(notes.append)
    assert checked.text(field, "x" * limit) == "x" * limit
    assert checked.problems == []
    checked.text(field, "y" * (limit + 1))
    assert [str(problem) for problem in checked.problems] == [
        f"{field} has {limit + 1} characters, GP keeps {limit}"
    ]
    cut = Checked(notes.append, (field,))
    assert cut.text(field, "z" * (limit + 3)) == "z" * limit
    assert notes == [f"{field} was shortened from {limit + 3} to {limit} characters"]


@given(st.text())
def test_texts_hold_nothing_that_xml_forbids(text: str) -> None:
    from lxml import etree

    element = etree.Element("a")
    element.text = allowed(text)
    assert etree.fromstring(etree.tostring(element)) is not None


NAMES = {
    "sales document number": "SalesDocumentKey.Id", "inventory document number": "InventoryKey.Id",
    "document type id": "SalesDocumentTypeKey.Id", "customer": "CustomerKey.Id",
    "customer name": "SalesDocument.CustomerName", "purchase order number": "SalesDocument.CustomerPONumber",
    "batch": "BatchKey.Id", "tracking number": "SalesTrackingNumberKey.Id", "item": "ItemKey.Id",
    "site": "WarehouseKey.Id", "unit of measure": "SalesLine.UofM", "shipping method": "ShippingMethodKey.Id",
    "price level": "PriceLevelKey.Id", "user-defined text": "SalesUserDefined.Text01..Text05",
    "ship-to name": "BusinessAddress.Name", "contact person": "BusinessAddress.ContactPerson",
    "address line": "Address.Line1/2/3", "city": "Address.City", "state": "Address.State",
    "postal code": "Address.PostalCode", "country": "Address.CountryRegion", "phone": "Address.Phone1/2/3.Value",
}  # fmt: skip


def test_the_limits_are_the_vendors(shared: Path) -> None:
    rows = json.loads((shared / "specs" / "dynamics_gp" / "field_limits.json").read_text("utf-8"))["fields"]
    stated = {row["field"]: min(row[name] for name in ("ws", "econnect") if row.get(name)) for row in rows}
    assert {name: stated[field] for name, field in NAMES.items()} == dict(LIMITS)
