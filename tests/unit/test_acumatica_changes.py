"""Lists of changed records under everything that a site may do with its rows meanwhile (Hypothesis)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.faults import FaultKind, VendorFault
from vendors.acumatica.changes import list_all, list_window
from vendors.acumatica.rows import Row

START = datetime(2026, 3, 2, tzinfo=UTC)
ZONE = ZoneInfo("UTC")


def _at(milliseconds: int) -> datetime:
    return START + timedelta(milliseconds=milliseconds)


@dataclass
class Table:
    """Rows by id with their stamps. `leaving[n]` names a row that is changed after the n-th read."""

    stamps: dict[int, int]
    shuffle: bool
    leaving: dict[int, int] = field(default_factory=dict)
    seed: int = 0
    reads: int = 0

    def read(self, since: datetime, until: datetime, skip: int, top: int) -> Sequence[Row]:
        """One page, as the site answers it."""
        order = list(self.stamps)
        source = random.Random(f"{self.seed}/{self.reads if self.shuffle else 0}")
        order.sort(key=lambda _: source.random())
        rows = [
            Row(str(key), {"id": str(key), "LastModified": _at(self.stamps[key]).isoformat()}, ZONE)
            for key in order
            if since <= _at(self.stamps[key]) <= until
        ]
        if self.reads in self.leaving:
            self.stamps[self.leaving[self.reads]] = 10_000_000
        self.reads += 1
        return rows[skip : skip + top]


@settings(deadline=None, max_examples=300)
@given(
    stamps=st.lists(st.integers(0, 3000), max_size=40, unique=True),
    page_size=st.integers(2, 7),
    shuffle=st.booleans(),
    seed=st.integers(0, 10_000),
)
def test_every_row_once_in_order(stamps: list[int], page_size: int, shuffle: bool, seed: int) -> None:
    table = Table(dict(enumerate(stamps)), shuffle, seed=seed)
    found = list_window(table.read, "LastModified", START, _at(3000), page_size)
    assert [changed.modified for changed in found] == [_at(stamp) for stamp in sorted(stamps)]
    if not shuffle:
        assert table.reads <= len(stamps) // (page_size - 1) + 1, "a stable order needs no second look"


@settings(deadline=None, max_examples=300)
@given(
    stamps=st.lists(st.integers(0, 3000), min_size=1, max_size=40, unique=True),
    page_size=st.integers(2, 7),
    seed=st.integers(0, 10_000),
    leaving=st.dictionaries(st.integers(0, 12), st.integers(0, 39), max_size=6),
)
def test_rows_that_leave_while_we_read_hide_no_other_row(
    stamps: list[int], page_size: int, seed: int, leaving: dict[int, int]
) -> None:
    leaving = {read: row % len(stamps) for read, row in leaving.items()}
    table = Table(dict(enumerate(stamps)), False, leaving, seed)
    found = {changed.id for changed in list_window(table.read, "LastModified", START, _at(3000), page_size)}
    staying = {str(row) for row in range(len(stamps)) if row not in leaving.values()}
    assert staying <= found


def test_the_newest_state_of_a_row_that_changed_while_we_read() -> None:
    table = Table({1: 10, 2: 20, 3: 30}, False, {}, 5)
    read = table.read

    def changing(since: datetime, until: datetime, skip: int, top: int) -> Sequence[Row]:
        rows = read(since, until, skip, top)
        table.stamps[2] = 40
        return rows

    found = list_window(changing, "LastModified", START, _at(100), 2)
    assert [changed.id for changed in found].count("2") == 1
    assert {changed.id: changed.modified for changed in found}["3"] == _at(30)


def _row(name: str) -> Row:
    return Row(name, {"id": name, "LastModified": START.isoformat()}, ZONE)


def test_a_row_that_comes_twice_betrays_the_one_that_was_skipped() -> None:
    """The border row matches by chance, although the order has changed: only the repeated row tells."""
    whole = [["A", "B", "C", "D"], ["C", "A", "B", "D"], ["D", "C", "B", "A"]]
    reads = 0

    def read(since: datetime, until: datetime, skip: int, top: int) -> Sequence[Row]:
        nonlocal reads
        order = whole[min(reads, 2)] if until - since > timedelta(hours=1) else []
        if until - since <= timedelta(hours=1):
            order = ["D"] if since == START else ["A", "C"]
        reads += 1
        return [_row(name) for name in order[skip : skip + top]]

    found = list_window(read, "LastModified", START, START + timedelta(hours=2), 3)
    assert {changed.id for changed in found} == {"A", "B", "C", "D"}
    pages: list[list[str]] = [["A", "B"], ["B", "A"], ["A", "C"]]
    with pytest.raises(VendorFault, match="none is missing"):
        list_all(lambda skip, top: [_row(name) for name in pages[min(skip, 2)]], 2, "rows")


def test_pages_are_not_trusted_again_after_a_sign_of_disorder() -> None:
    table = Table({row: row * 10 for row in range(60)}, True, seed=3)
    skips: list[int] = []

    def read(since: datetime, until: datetime, skip: int, top: int) -> Sequence[Row]:
        skips.append(skip)
        return table.read(since, until, skip, top)

    assert len(list_window(read, "LastModified", START, _at(1000), 10)) == 60
    first = skips.index(0, 1)
    assert set(skips[first:]) == {0}


def test_a_list_without_window_is_complete_or_refused() -> None:
    rows = [_row(str(number)) for number in range(11)]
    assert len(list_all(lambda skip, top: rows[skip : skip + top], 5, "rows")) == 11
    assert list_all(lambda skip, top: [], 5, "rows") == []


def test_many_rows_of_one_instant_in_a_stable_order() -> None:
    table = Table(dict.fromkeys(range(50), 77), False)
    assert len(list_window(table.read, "LastModified", START, _at(1000), 7)) == 50


def test_many_rows_of_one_instant_in_no_order_are_refused_and_not_guessed() -> None:
    table = Table(dict.fromkeys(range(500), 77), True)
    with pytest.raises(VendorFault) as caught:
        list_window(table.read, "LastModified", START, _at(1000), 20)
    assert caught.value.kind is FaultKind.UNSUPPORTED_QUERY


@pytest.mark.parametrize(("until", "page_size"), [(START, 200), (START + timedelta(hours=1), 1)])
def test_senseless_windows(until: datetime, page_size: int) -> None:
    with pytest.raises(ValueError, match="cannot list"):
        list_window(Table({}, False).read, "LastModified", START, until, page_size)
