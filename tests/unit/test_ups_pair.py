"""Pure parts of the pair Acumatica - UPS: the lattice, texts, services by lane, due lists, what counts as a change."""

from __future__ import annotations

import itertools
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acumatica_ups.due import PARCELS, DueList
from acumatica_ups.mapping.progress import STAGES, START, is_final, merge, overall, signature, voided
from acumatica_ups.mapping.shipments import Lane, service_code
from acumatica_ups.mapping.texts import block_in, custom_fields, line, shipment_text
from acumatica_ups.prepare import cheapest
from acumatica_ups.purchase import numbers_in_request_order
from acumatica_ups.settings import Service, ShownFields
from tests.support.world import World
from vendors.ups.shapes import Money, Rate, ShippedPackage, ShipResult

FACTS = st.builds(
    lambda stage, beside, stamp, day, scan: {
        **START, "stage": stage, "beside": beside, "stamp": stamp, "delivered_on": day if stage == "delivered" else "",
        "scans": {scan: [scan, "words"]}, "last": scan,
    },
    st.sampled_from(STAGES), st.sampled_from(["", "exception", "returning", "returned", "lost"]),
    st.sampled_from([f"2026-03-02T10:0{minute}:00.000000Z" for minute in range(6)]),
    st.sampled_from(["2026-03-05", "2026-03-06"]), st.sampled_from(["a", "b", "c"]),
)  # fmt: skip


def folded(news: Any) -> dict[str, Any]:
    facts: dict[str, Any] = dict(START)
    for each in news:
        facts = merge(facts, each)
    return facts


@given(st.lists(FACTS, max_size=5))
def test_no_order_of_news_takes_a_stage_or_a_scan_back(news: list[dict[str, Any]]) -> None:
    furthest = max([START["stage"], *(each["stage"] for each in news)], key=STAGES.index)
    for order in itertools.islice(itertools.permutations(news), 24):
        facts = folded(order)
        assert facts["stage"] == furthest
        assert set(facts["scans"]) == {scan for each in news for scan in each["scans"]}
        assert (facts["beside"] == "returned") == any(each["beside"] == "returned" for each in news)


@given(st.lists(FACTS, min_size=1, max_size=4))
def test_the_same_news_again_changes_nothing(news: list[dict[str, Any]]) -> None:
    facts = folded(news)
    again = folded([*news, news[-1]])
    assert {**again, "beside": "", "last": ""} == {**facts, "beside": "", "last": ""}


def test_a_shipment_is_as_far_as_its_slowest_parcel_and_in_trouble_with_any() -> None:
    delivered, moving = {**START, "stage": "delivered"}, {**START, "stage": "in transit"}
    assert overall([delivered, moving]) == "in transit"
    assert overall([delivered, {**moving, "beside": "exception"}]) == "exception"
    assert overall([delivered, voided(moving)]) == "delivered"
    assert overall([voided(None)]) == "voided"
    assert is_final(delivered)
    assert not is_final(moving)


def test_a_mark_changes_with_what_a_shipment_came_to_and_not_with_each_parcel() -> None:
    first = {"a": {**START, "stage": "delivered", "delivered_on": "2026-03-05"}, "b": START}
    assert signature(first) == signature({"a": START, "b": START})
    both = {key: {**START, "stage": "delivered", "delivered_on": "2026-03-05"} for key in "ab"}
    assert signature(both) != signature({**both, "b": {**both["b"], "received_by": "SMITH"}})


def test_texts_say_what_happened_and_leave_peoples_words() -> None:
    facts = {**START, "stage": "delivered", "delivered_on": "2026-03-06", "delivered_at": "09:50:04",
             "received_by": "SMITH", "scans": {"k": ["2026-03-06T09:50:04", "Delivered, Tacoma WA"]}}
    assert line("1Z1", facts) == "1Z1 delivered 2026-03-06 09:50:04, received by SMITH"
    assert line("1Z1", voided(facts)) == "1Z1 label voided"
    text = shipment_text({"1Z1": facts})
    assert "  2026-03-06 09:50:04 Delivered, Tacoma WA" in text
    once = block_in("call first", text)
    assert once == f"call first\n\n{text}"
    assert block_in(once, text) == once
    names = ShownFields(status="AttributeS", delivered_on="AttributeD", received_by="AttributeR")
    assert custom_fields(names, {"1Z1": facts})["Document.AttributeD"]["value"] == "2026-03-06"
    assert "Document.AttributeD" not in custom_fields(names, {"1Z1": facts, "1Z2": START})


@pytest.mark.parametrize(
    ("lane", "code"),
    [("US-US", "03"), ("US-PR", "03"), ("PR-US", "03"), ("US-CA", "11"), ("US-DE", "08"), ("DE-DE", "03")],
)
def test_a_service_by_lane(lane: str, code: str) -> None:
    row = Service(domestic="03", countries={"CA": "11"}, international="08")
    assert service_code(row, Lane(*lane.split("-"))) == code
    assert service_code(Service(domestic="03"), Lane("US", "DE")) is None


def offer(service: str, price: str, days: int | None, *, saturday: bool = False) -> Rate:
    return Rate(service, Money(Decimal(price), "USD"), None, saturday, days, None, None, ())


def test_the_cheapest_in_time() -> None:
    row = Service(domestic="03", choose_from=("03", "12", "02"), within_days=3)
    offers = (offer("03", "9", 5), offer("12", "15", 3), offer("02", "15", 2), offer("01", "1", 1),
              offer("12", "2", 3, saturday=True), offer("02", "3", None))
    chosen = cheapest(offers, row, saturday=False)
    assert chosen is not None
    assert (chosen.service, chosen.cost.amount) == ("12", Decimal(15)), "ties go to the one that is named first"
    assert cheapest(offers[:1], row, saturday=False) is None


def shipped(*numbers: str, lead: str) -> ShipResult:
    packages = tuple(ShippedPackage(number, None) for number in numbers)
    return ShipResult(lead, packages, None, None, None, (), (), "")


def test_packages_are_turned_round_only_where_the_leading_number_says_so() -> None:
    assert numbers_in_request_order(shipped("a", "b", "c", lead="a")) == ("a", "b", "c")
    assert numbers_in_request_order(shipped("c", "b", "a", lead="a")) == ("a", "b", "c")
    assert numbers_in_request_order(shipped("b", "a", "c", lead="a")) == ("b", "a", "c")


def test_a_due_list_gives_what_is_due_oldest_first_and_forgets_what_is_taken_off() -> None:
    world = World()
    due = DueList(world.tables, "demo", PARCELS)
    now = world.clock()
    for minutes in (30, -5, -10, 0):
        due.put(now + timedelta(minutes=minutes), f"1Z{minutes}")
        due.put(now + timedelta(minutes=minutes), f"1Z{minutes}")
    entries = list(due.due(now))
    assert [entry.key for entry in entries] == ["1Z-10", "1Z-5", "1Z0"]
    due.remove(entries[0])
    due.remove(entries[0])
    assert [entry.key for entry in due.due(now)] == ["1Z-5", "1Z0"]
    assert [entry.key for entry in DueList(world.tables, "other", PARCELS).due(now)] == []


def test_thousands_of_due_entries_are_read_in_pages() -> None:
    world = World()
    due = DueList(world.tables, "demo", PARCELS)
    for number in range(450):
        due.put(world.clock() - timedelta(seconds=number), f"1Z{number:04d}")
    assert len({entry.key for entry in due.due(world.clock())}) == 450
