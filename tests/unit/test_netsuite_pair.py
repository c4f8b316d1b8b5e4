"""The pair NetSuite - ShipBob, pure parts: doorbells, numbers, distributing units over lines, what a change is."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.connection import Connection, parse_document
from connector.outcome import Held, Missing
from connector.pair import RawEvent
from netsuite_shipbob.flows import PAIR, available, shipbob_doorbells
from netsuite_shipbob.mapping.orders import recipient_of
from netsuite_shipbob.mapping.purchase_orders import arrival_of, changes_of, receiving_number, revision_of, wanted_of
from netsuite_shipbob.mapping.receipts import deltas, receipt_draft, split
from netsuite_shipbob.mapping.returns import came_back, correction_body, lines_by_sku
from netsuite_shipbob.mapping.shipments import allocate, order_name, status_text
from netsuite_shipbob.settings import NetSuiteShipBob
from netsuite_shipbob.words import DEEDS
from tests.support.netsuite_stage import document
from tests.support.world import World
from vendors.netsuite.shapes import Line, Order
from vendors.shipbob.shapes import parse_receiving_order, parse_return, parse_shipment

EVENTS = Path(__file__).resolve().parents[2] / "events" / "shipbob"
NOW = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)


def parsed(**changes: Any) -> NetSuiteShipBob:
    return parse_document(document(**changes), NetSuiteShipBob)


DOCUMENT = parsed()
CONNECTION = Connection("demo", "netsuite_shipbob", "active", 1, DOCUMENT)


def line(line_id: int, sku: str = "TEE", ordered: str = "10", **changes: Any) -> Line:
    values = {"done": "0", "location_id": "6", "item_type": "InvtPart", "closed": False, "expected": None, **changes}
    values["done"] = Decimal(values["done"])
    return Line(line_id=line_id, item_id="1", sku=sku, ordered=Decimal(ordered), **values)


KIT = line(1, "SET", item_type="Kit")


def order(*lines: Line, letter: str = "B", number: str = "PO1") -> Order:
    return Order("48211", number, letter, "2026-03-02 06:00:00", "1722", "", "", lines)


# ---- doorbells


def rung(topic: str, body: Any) -> list[tuple[str, str]]:
    bells = shipbob_doorbells(CONNECTION, RawEvent("demo", "shipbob", "1", topic, "2026-03-02T14:00:00Z", body))
    return [(bell.stream, bell.seen.source_key) for bell in bells]


def examples() -> list[Any]:
    """Topic and body of every example of ShipBob's that has both."""
    found = []
    for path in sorted(EVENTS.glob("*.json")):
        arrival = json.loads(path.read_text())
        headers = arrival.get("headers")
        topic = headers.get("x-webhook-topic") if isinstance(headers, Mapping) else None
        if isinstance(topic, str) and isinstance(arrival.get("body"), Mapping):
            found.append(pytest.param(topic, dict(arrival["body"]), id=path.stem))
    return found


@pytest.mark.parametrize(("topic", "body"), examples())
def test_every_example_of_shipbobs_rings_at_the_right_door(topic: str, body: dict[str, Any]) -> None:
    doors = {"order": "shipments", "return": "returns", "wro": "receipts"}
    streams = [stream for stream, _ in rung(topic, body)]
    names_no_order = topic.startswith("wro.box.")  # a box may not say which order it belongs to; the poll finds it
    wanted = doors.get(topic.partition(".")[0])
    assert streams == ([wanted] if wanted else []) or (names_no_order and streams == [])


@pytest.mark.parametrize(
    ("topic", "body", "bells"),
    [
        ("order.shipped", {"id": 1, "order_number": "SO1", "shipments": []}, [("shipments", "1")]),
        ("order.shipment.delivered", {"id": 9, "order_id": 1}, [("shipments", "1")]),
        ("order.shipment.delivered", {"data": {"id": 9, "order_id": 1}}, [("shipments", "1")]),
        ("return.completed", {"id": 7}, [("returns", "7")]),
        ("wro.completed", {"id": 5}, [("receipts", "5")]),
        ("wro.box.stowed", {"box_id": 3, "id": 3, "wro_id": 5}, [("receipts", "5")]),
        ("wro.box.stowed", {"box_id": 3, "id": 3}, []),
        ("billing.charge.created", {"transaction_id": "x"}, []),
        ("something.new", {"id": 1}, []),
    ],
)
def test_doorbells(topic: str, body: dict[str, Any], bells: list[tuple[str, str]]) -> None:
    assert rung(topic, body) == bells


@pytest.mark.parametrize(
    ("topic", "body"),
    [("order.shipped", {"nothing": 1}), ("order.shipped", {"order_id": "1; DROP"}), ("wro.completed", {"id": "x/y"})],
)
def test_a_body_that_names_nothing_is_an_error_that_is_kept(topic: str, body: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="names no"):
        rung(topic, body)


# ---- what may be waited for


def test_what_a_mapping_provides_is_available_and_the_rest_is_looked_for() -> None:
    services = World(pair="netsuite_shipbob").services
    assert available(services, CONNECTION, Missing("fees", "Shipping"))
    assert not available(services, CONNECTION, Missing("fees", "Other"))
    assert available(services, CONNECTION, Missing("centres", "8"))
    assert not available(services, CONNECTION, Missing("centres", "None"))
    assert not available(services, CONNECTION, Missing("netsuite item", "TEE"))
    assert not available(services, CONNECTION, Missing("purchase order change", "48211@2026-03-02 06:00:00"))


def test_every_write_has_words() -> None:
    assert all(deed.does and deed.what for deed in DEEDS.values())
    assert {flow.name for flow in PAIR.flows} >= {"purchase_orders", "receipts", "shipments", "returns", "charges"}


# ---- purchase orders


@pytest.mark.parametrize(
    ("number", "alone", "turn", "name"),
    [("PO10", True, 1, "PO10"), ("PO10", False, 1, "PO10-L6"), ("PO10", True, 2, "PO10-R2"),
     ("PO10", False, 3, "PO10-L6-R3"), ("PO 10/7", True, 1, "PO-10-7-48211"), ("Ünï", True, 1, "n-48211")],
)  # fmt: skip
def test_numbers_of_receiving_orders(number: str, alone: bool, turn: int, name: str) -> None:
    assert receiving_number(number, "48211", "6", alone, turn) == name


def test_a_receipt_of_ours_changes_no_revision_and_no_entry() -> None:
    before, after = order(line(1)), order(line(1, done="4"), letter="D")
    assert revision_of(before) == revision_of(after)
    entry = {"location": "6", "lines": {"1": ["TEE", 10, "10"]}}
    wanted = wanted_of(after, DOCUMENT, lambda note: None)
    assert isinstance(wanted, dict)
    assert changes_of(entry, wanted.get("6"), after) == []


@pytest.mark.parametrize(
    ("lines", "letter", "words"),
    [
        ([line(1, ordered="12")], "B", "is 12 now, it was 10"),
        ([line(1, closed=True)], "B", "was closed"),
        ([line(1)], "H", "was closed"),
        ([line(1, sku="CAP")], "B", "is now CAP"),
        ([line(1, location_id="5")], "B", "goes to location 5 now"),
        ([line(4)], "B", "was removed"),
        ([line(1), line(4, "CAP")], "B", "line 4 (CAP, 10 units) is new"),
    ],
)
def test_what_counts_as_a_change(lines: list[Line], letter: str, words: str) -> None:
    changed = order(*lines, letter=letter)
    wanted = wanted_of(changed, DOCUMENT, lambda note: None)
    assert isinstance(wanted, dict)
    entry = {"location": "6", "lines": {"1": ["TEE", 10, "10"]}}
    assert words in "; ".join(changes_of(entry, wanted.get("6"), changed))


def test_broken_units_are_held() -> None:
    found = wanted_of(order(line(1, ordered="2.5")), DOCUMENT, lambda note: None)
    assert isinstance(found, Held)
    assert "2.5 of TEE" in found.why


def test_the_arrival_is_noon_of_the_latest_day_or_some_days_from_now() -> None:
    notes: list[str] = []
    later = order(line(1, expected=date(2026, 4, 1)), line(2, "CAP", expected=date(2026, 4, 3)))
    wanted = wanted_of(later, DOCUMENT, notes.append)
    assert isinstance(wanted, dict)
    assert arrival_of(later, wanted["6"], DOCUMENT, NOW, notes.append).isoformat() == "2026-04-03T12:00:00-04:00"
    past = order(line(1, expected=date(2026, 2, 1)))
    wanted = wanted_of(past, DOCUMENT, notes.append)
    assert isinstance(wanted, dict)
    assert arrival_of(past, wanted["6"], DOCUMENT, NOW, notes.append) == datetime(2026, 3, 16, 14, 0, tzinfo=UTC)
    assert notes == ["the expected date 2026-02-01 has passed: 14 days are used"]


# ---- receipts


def wro(*rows: tuple[int, int]) -> Any:
    quantities = [{"inventory_id": key, "sku": f"S{key}", "stowed_quantity": units} for key, units in rows]
    return parse_receiving_order({"id": 901, "status": "Processing", "inventory_quantities": quantities})


def test_deltas_are_against_what_was_posted() -> None:
    assert deltas(wro((1, 10), (2, 3)), {"1": 4}) == {1: 6, 2: 3}
    assert deltas(wro((1, 3)), {"1": 4}) == {1: -1}
    assert deltas(wro(), {"1": 4}) == {1: -4}, "a row that is gone was taken back"
    assert deltas(wro((1, 4)), {"1": 4}) == {}


LINES = st.lists(
    st.tuples(st.sampled_from(["A", "B"]), st.integers(1, 20), st.integers(0, 25), st.sampled_from(["6", "5"])),
    max_size=6,
)


@given(LINES, st.integers(0, 40), st.integers(0, 40))
def test_a_split_loses_and_invents_nothing(rows: list[tuple[str, int, int, str]], first: int, second: int) -> None:
    lines = [
        line(1 + 3 * place, sku, str(ordered), done=str(done), location_id=location)
        for place, (sku, ordered, done, location) in enumerate(rows)
    ]
    units = {key: count for key, count in ((1, first), (2, second)) if count}
    parts = split(units, {1: "A", 2: "B"}, order(*lines), "6")
    total = sum(parts.lines.values()) + sum(parts.beyond.values()) + sum(parts.strange.values())
    assert total == sum(units.values())
    assert sum(parts.taken.values()) == sum(parts.lines.values())
    opened = {each.line_id: each.open for each in lines}
    assert all(0 < count <= opened[key] for key, count in parts.lines.items())


@given(LINES, st.integers(1, 40))
def test_a_receipt_names_every_open_line(rows: list[tuple[str, int, int, str]], units: int) -> None:
    lines = [
        line(1 + 3 * place, sku, str(ordered), done=str(done), location_id=location)
        for place, (sku, ordered, done, location) in enumerate(rows)
    ]
    target = order(*lines)
    parts = split({1: units}, {1: "A"}, target, "6")
    draft = receipt_draft(target, parts.lines, "6", date(2026, 3, 2), "memo", {})
    named = {row["orderLine"]: row for row in draft.body["item"]["items"]}
    assert set(named) == {each.line_id for each in lines if each.open > 0}
    received = {key: row["quantity"] for key, row in named.items() if row["itemReceive"]}
    assert received == dict(parts.lines)


# ---- shipments


def shipment(*products: tuple[str, int | None]) -> Any:
    rows = [
        {"sku": sku, "inventory_items": [{"id": 1, "quantity": units}] if units is not None else [{"id": 1}]}
        for sku, units in products
    ]
    tracking = {"carrier": "USPS", "tracking_number": "9400"}
    return parse_shipment({"id": 345, "status": "Completed", "tracking": tracking, "products": rows})


@given(LINES, st.integers(1, 30), st.integers(0, 10))
def test_a_shipment_takes_all_its_units_or_none(
    rows: list[tuple[str, int, int, str]], units: int, already: int
) -> None:
    lines = [
        line(1 + 3 * place, sku, str(ordered), done=str(done), location_id=location)
        for place, (sku, ordered, done, location) in enumerate(rows)
    ]
    taken = {1: Decimal(already)}
    found = allocate(shipment(("A", units)), order(*lines), taken, "6", lambda note: None)
    room = sum(
        (max(Decimal(0), each.open - taken.get(each.line_id, Decimal(0))) for each in lines if each.sku == "A"),
        Decimal(0),
    )
    if room < units:
        assert isinstance(found, Held)
    else:
        assert not isinstance(found, Held)
        assert sum(found.lines.values()) == units
        assert all(count <= {each.line_id: each.open for each in lines}[key] for key, count in found.lines.items())


def test_lines_of_the_own_location_come_first() -> None:
    lines = (line(1, location_id="5"), line(4, location_id="6"))
    found = allocate(shipment(("TEE", 3)), order(*lines), {}, "6", lambda note: None)
    assert not isinstance(found, Held)
    assert found.lines == {4: Decimal(3)}


@pytest.mark.parametrize(
    ("product", "lines", "words"),
    [
        (("CAP", 1), [line(1)], "which the order does not have"),
        (("TEE", None), [line(1)], "does not say how many"),
        (("CAP", 2), [KIT, line(2, "CAP", is_member=True, kit_line=1)], "member of a kit"),
        (("SET", 3), [KIT, line(2, "CAP", "20", is_member=True, kit_line=1)], "whole number"),
        (("SET", 2), [KIT], "unknown parts"),
    ],
)
def test_what_cannot_be_distributed_is_said(product: tuple[str, int | None], lines: list[Line], words: str) -> None:
    found = allocate(shipment(product), order(*lines), {}, "6", lambda note: None)
    assert isinstance(found, Held)
    assert words in found.why


@pytest.mark.parametrize(
    ("changes", "reference", "number", "name"),
    [
        ({}, "shop-1", "SO1", "SO1"),
        ({"order_name": "reference_id"}, "SO1", "x", "SO1"),
        ({"order_name": "reference_id", "order_prefix": "NS-"}, "NS-SO1", "x", "SO1"),
        ({"order_name": "reference_id", "order_prefix": "NS-"}, "SO1", "x", None),
        ({}, "x", None, None),
        ({}, "x", "  ", None),
    ],
)
def test_how_an_order_is_named(changes: dict[str, str], reference: str, number: str | None, name: str | None) -> None:
    assert order_name(reference, number, parsed(shipments=changes)) == name


def test_status_in_words() -> None:
    facts = {"stage": "shipped", "beside": "", "shipped_at": "2026-03-04T10:00:00Z", "delivered_at": ""}
    assert status_text(facts, lambda text: text[:10]) == "shipped 2026-03-04"
    assert status_text({**facts, "stage": "in transit"}, lambda text: text[:10]) == "in transit"
    assert status_text({**facts, "beside": "DeliveryException"}, lambda text: text[:10]) == "DeliveryException"
    delivered = {**facts, "stage": "delivered", "beside": "DeliveryException", "delivered_at": "2026-03-06T10:00:00Z"}
    assert status_text(delivered, lambda text: text[:10]) == "delivered 2026-03-06"


# ---- returns


def returned(*actions: tuple[str, str, int]) -> Any:
    skus = dict.fromkeys(sku for sku, _, _ in actions)
    rows = []
    for place, sku in enumerate(skus, start=1):
        taken = [{"action": action, "quantity_processed": units} for of, action, units in actions if of == sku]
        rows.append({"id": place, "sku": sku, "quantity": 9, "action_taken": taken})
    return parse_return({"id": 295, "status": "Completed", "inventory": rows})


def test_only_what_was_done_counts() -> None:
    came = came_back(returned(("TEE", "Restock", 2), ("TEE", "dispose", 1), ("CAP", "Quarantine", 1)), lambda key: None)
    assert not isinstance(came, Held)
    assert (came.restocked, came.quarantined, came.disposed) == ({"TEE": 2}, {"CAP": 1}, {"TEE": 1})
    assert Counter(came.all) == Counter({"TEE": 3, "CAP": 1})


def test_an_unknown_disposition_is_held() -> None:
    came = came_back(returned(("TEE", "Donate", 2)), lambda key: None)
    assert isinstance(came, Held)
    assert "Donate" in came.why


def test_what_a_transform_proposed_beyond_our_lines_is_taken_out() -> None:
    assert correction_body(order(line(1, ordered="2")), {"TEE": 2}) is None
    wrong = order(line(1, ordered="5"), line(4, "CAP", "3"))
    assert correction_body(wrong, {"TEE": 2}) == {"item": {"items": [{"line": 1, "quantity": 2}]}}
    assert lines_by_sku(wrong, {"TEE": 6}, lambda each: each.ordered) == "1 of TEE more than PO1 can take"


# ---- sales orders


def test_a_recipient_is_read_and_what_it_lacks_is_named() -> None:
    whole = recipient_of({
        "email": "dana@example.com",
        "shippingAddress": {"addressee": "Acme", "attention": "Dana Reed", "addr1": "1 Main St", "city": "Albany",
                            "state": "NY", "zip": "12207", "country": {"id": "US", "refName": "United States"}},
    })  # fmt: skip
    assert whole.problems == ()
    assert whole.document["name"] == "Dana Reed"
    assert whole.document["address"]["company_name"] == "Acme"
    assert whole.document["address"]["country"] == "US"
    assert "the ship-to has no name" in recipient_of({}).problems
    german = {"addressee": "A", "addr1": "B", "city": "C", "country": "DE"}
    assert recipient_of({"shippingAddress": german}).problems == ()
