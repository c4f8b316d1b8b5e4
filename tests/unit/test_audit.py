"""The audit trail: a chain in which nothing can be changed, removed, added or cut off without being seen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.audit import AuditLine, broken_at, line_hash, proven_trail, trail
from connector.records import Origin, Seen
from tests.support.toy import NAME, Toy

ORIGIN = Origin(NAME, "toy", "orders", "poll", "c0ffee")
DATA = st.dictionaries(
    st.text(max_size=5), st.none() | st.integers() | st.text(max_size=5) | st.decimals(allow_nan=False), max_size=3
)


def written(count: int = 5, data: dict[str, Any] | None = None) -> tuple[Toy, list[AuditLine], str]:
    """A record with some lines."""
    toy = Toy()
    record = toy.store.see(ORIGIN, [Seen("A1", "r1")])[0]
    for number in range(count - 1):
        toy.clock.advance(1)
        record = toy.store.change(record, lambda current: current, f"line {number}", data)
    return toy, list(trail(toy.world.tables, record.id)), record.audit_hash


def test_an_untouched_chain_verifies_and_ends_at_the_records_head() -> None:
    _, lines, head = written()
    assert broken_at(lines) is None
    assert broken_at(lines, head) is None
    assert [line.sequence for line in lines] == [1, 2, 3, 4, 5]
    assert broken_at([], None) is None


@settings(deadline=None)
@given(data=DATA)
def test_whatever_data_a_line_holds_it_verifies_after_the_store(data: dict[str, Any]) -> None:
    _, lines, head = written(2, data)
    assert broken_at(lines, head) is None


@settings(deadline=None)
@given(
    place=st.integers(0, 4),
    change=st.sampled_from(
        ["text", "at", "data", "hash", "previous", "sequence", "record", "removed", "doubled", "swapped"]
    ),
)
def test_any_tampering_is_seen_at_or_before_its_place(place: int, change: str) -> None:
    _, lines, head = written()
    line = lines[place]
    if change == "removed":
        del lines[place]
    elif change == "doubled":
        lines.insert(place, line)
    elif change == "swapped":
        other = (place + 1) % 5
        lines[place], lines[other] = lines[other], line
    else:
        values: dict[str, Any] = {
            "text": "nothing happened",
            "at": "2020-01-01T00:00:00.000000Z",
            "data": {},
            "hash": "0" * 64,
            "previous": "0" * 64,
            "sequence": 9,
            "record": "demo/orders/B",
        }
        lines[place] = replace(line, **{change: values[change]})
    found = broken_at(lines, head)
    assert found is not None
    assert found <= place + 2


def test_a_line_forged_with_its_own_hash_breaks_the_next_one() -> None:
    _, lines, head = written()
    line = lines[1]
    forged = line_hash(line.record, line.sequence, line.at, "nothing", line.data, line.previous)
    lines[1] = replace(line, text="nothing", hash=forged)
    assert broken_at(lines, head) == 3


def test_a_chain_that_was_cut_off_is_seen_by_the_records_head() -> None:
    _, lines, head = written()
    assert broken_at(lines[:3]) is None
    assert broken_at(lines[:3], head) == 4


@pytest.mark.parametrize("count", [1, 150])
def test_long_trails_are_read_whole_and_in_order(count: int) -> None:
    toy, lines, head = written(count)
    toy.world.tables.page_bytes = 2000
    again = list(trail(toy.world.tables, f"{NAME}/orders/A1"))
    assert again == lines
    assert (len(again), broken_at(iter(again), head)) == (count, None)


def test_lines_are_found_by_day() -> None:
    toy, lines, _ = written(3)
    page = toy.world.tables.query_index("audit", "by_day", "2026-03-02")
    assert [str(item["at"]).split("#")[0] for item in page.items] == [line.at for line in lines]


def test_a_line_that_is_written_while_somebody_looks_breaks_nothing() -> None:
    toy, lines, head = written(3)
    record = toy.record("A1")
    heads = iter([head])

    def stated() -> str:
        """The head of before; then a worker writes, and the next look finds the new one."""
        found = next(heads, None)
        if found is None:
            return toy.record("A1").audit_hash
        toy.store.change(record, lambda current: current, "meanwhile")
        return found

    found, broken = proven_trail(toy.world.tables, record.id, stated)
    assert broken is None
    assert [line.text for line in found] == [*(line.text for line in lines), "meanwhile"]


def test_a_line_too_many_is_seen_although_nobody_writes() -> None:
    toy, lines, head = written(3)
    tables, record = toy.world.tables, toy.record("A1")
    last = tables.get("audit", record.id, "00000003")
    assert last is not None
    forged = line_hash(record.id, 4, lines[-1].at, "approved", {}, head)
    item = {**last, "sk": "00000004", "at": f"{lines[-1].at}#{record.id}#00000004", "text": "approved", "data": "{}"}
    tables.put("audit", {**item, "previous": head, "hash": forged})
    assert proven_trail(tables, record.id, lambda: toy.record("A1").audit_hash)[1] == 5
