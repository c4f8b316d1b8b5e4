"""The comparison itself: every way to disagree, every way to explain it, and the report as CSV, JSON and HTML."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.reconcile import (
    Compared,
    Difference,
    Entry,
    Report,
    Sides,
    Verdict,
    compare,
    explained,
    plain_report,
    report_from,
)
from connector.reconcile_page import csv_text, html_page
from connector.record import Record, Status

SYSTEMS = ("Acumatica", "ShipBob")


def sides(left: list[Entry], right: list[Entry]) -> Sides:
    return Sides("orders", SYSTEMS, left, right)


def record(status: Status, why: str = "", **changes: Any) -> Record:
    made = Record("demo", "acumatica_shipbob", "orders", "SO/1", status, "", 1, 1, "poll", "c", "live", "", "", "")
    return replace(made, why=why, **changes)


def judged(difference: Difference, known: Record | None, written: bool = True) -> Difference:
    records = {known.id: known} if known is not None else {}
    compared = Compared("orders", SYSTEMS, 1, 0, 0, (difference,))
    ids = {known.id} if known is not None and written else set()
    return explained(compared, records, ids, lambda one: f"backfill {one.key}").differences[0]


def test_what_both_sides_hold_alike_agrees() -> None:
    found = compare(sides([Entry("1", {"units": "2"}), Entry("2")], [Entry("2"), Entry("1", {"units": "2"})]))
    assert (found.agreed, found.differences, found.left, found.right) == (2, (), 2, 2)


@pytest.mark.parametrize(
    ("left", "right", "verdict", "text"),
    [
        ([Entry("1", name="order 1")], [], Verdict.ONLY_LEFT, "Acumatica holds it, ShipBob does not"),
        ([], [Entry("1")], Verdict.ONLY_RIGHT, "ShipBob holds it, Acumatica does not"),
        ([Entry("1")], [Entry("1", name="A"), Entry("1", name="B")], Verdict.TWICE, "ShipBob holds it 2 times: A, B"),
        ([Entry("1", {"units": "2", "state": "live"})], [Entry("1", {"units": "3", "state": "live"})],
         Verdict.DIFFERENT, "units: 2 in Acumatica, 3 in ShipBob"),
        ([Entry("1", {"tracking": ""})], [Entry("1", {"tracking": "1Z"})],
         Verdict.DIFFERENT, "tracking: (none) in Acumatica, 1Z in ShipBob"),
    ],
)  # fmt: skip
def test_every_disagreement_is_found(left: list[Entry], right: list[Entry], verdict: Verdict, text: str) -> None:
    (difference,) = compare(sides(left, right)).differences
    assert (difference.verdict, difference.what) == (verdict, text)
    assert difference.explained == ""


def test_facts_that_one_side_does_not_state_are_not_compared() -> None:
    assert compare(sides([Entry("1", {"units": "2"})], [Entry("1", {"tracking": "1Z"})])).agreed == 1


def test_a_duplicate_that_also_differs_is_two_differences() -> None:
    found = compare(sides([Entry("1", {"units": "2"})], [Entry("1", {"units": "3"}), Entry("1", {"units": "2"})]))
    assert [each.verdict for each in found.differences] == [Verdict.TWICE, Verdict.DIFFERENT]
    assert found.agreed == 0


ENTRIES = st.lists(st.builds(Entry, st.sampled_from("abcd"), st.fixed_dictionaries({"n": st.sampled_from("12")})))


@given(ENTRIES, ENTRIES)
def test_nothing_is_lost_and_sides_may_be_swapped(left: list[Entry], right: list[Entry]) -> None:
    found = compare(sides(left, right))
    keys = {entry.key for entry in (*left, *right)}
    assert found.agreed + len({difference.key for difference in found.differences}) == len(keys)
    swapped = compare(sides(right, left))
    assert {each.key for each in swapped.differences} == {each.key for each in found.differences}


DIFFERENCE = Difference("orders", "SO/1", "order 1", Verdict.ONLY_LEFT, "there", "demo/orders/SO/1")


@pytest.mark.parametrize(
    ("known", "written", "why", "command"),
    [
        (record(Status.HELD, "waits for SKU A"), False, "held: waits for SKU A", "review list --connection demo"),
        (record(Status.WAITING, "quota"), False, "on its way: quota", "explain demo/orders/SO/1"),
        (record(Status.UNKNOWN, "no answer"), False, "on its way: no answer", "explain demo/orders/SO/1"),
        (record(Status.REFUSED, "bad zip"), False, "refused: bad zip", "records replay demo/orders/SO/1"),
        (record(Status.CLOSED, "closed by anna: by hand"), False, "closed by anna: by hand", "explain"),
        (record(Status.DONE, "not for ShipBob (yet)"), False, "not for ShipBob (yet)", "records replay"),
        (record(Status.DONE, "ShipBob order 1 holds it"), True, "", "records replay demo/orders/SO/1"),
        (None, False, "", "backfill SO/1"),
    ],
)  # fmt: skip
def test_our_own_record_explains_a_difference_or_does_not(
    known: Record | None, written: bool, why: str, command: str
) -> None:
    found = judged(DIFFERENCE, known, written)
    assert found.explained == why
    assert command in found.command


def test_a_duplicate_is_never_explained_away() -> None:
    twice = replace(DIFFERENCE, verdict=Verdict.TWICE)
    assert judged(twice, record(Status.HELD, "waits")).explained == ""


def test_other_facts_are_not_explained_by_a_record_that_is_done() -> None:
    different = replace(DIFFERENCE, verdict=Verdict.DIFFERENT)
    assert judged(different, record(Status.DONE, "all well"), written=False).explained == ""


def test_reasons_in_a_report_are_redacted() -> None:
    found = judged(DIFFERENCE, record(Status.REFUSED, "marta@quill.example is no address"))
    assert "marta@" not in found.explained


# ---- the report -----------------------------------------------------------------------------------------------


def report(*differences: Difference) -> Report:
    compared = Compared("orders", SYSTEMS, 5, 4, 3, differences, "limits <here>")
    return Report("demo", "acumatica_shipbob", "2026-03-01T00:00:00.000000Z", "2026-03-02T00:00:00.000000Z",
                  "2026-03-02T01:00:00.000000Z", (compared,))  # fmt: skip


WILD = Difference("orders", "=1+1", '<b>"order"</b>', Verdict.DIFFERENT, "a, b\nc", "demo/x", "", "@command")


def test_a_report_survives_json() -> None:
    made = report(DIFFERENCE, WILD)
    assert report_from(json.loads(json.dumps(plain_report(made)))) == made
    assert plain_report(made)["unexplained"] == 2


def test_csv_has_a_line_per_difference_and_no_formulas() -> None:
    rows = list(csv.DictReader(io.StringIO(csv_text(report(DIFFERENCE, WILD)), newline="")))
    assert [row["key"] for row in rows] == ["SO/1", "'=1+1"]
    assert rows[1]["what"] == "a, b\nc"
    assert rows[1]["command"] == "'@command"


def test_the_page_has_a_chart_escapes_everything_and_loads_nothing() -> None:
    page = html_page(report(DIFFERENCE, WILD, replace(DIFFERENCE, explained="held: waits")))
    assert "<b>" not in page
    assert "&lt;b&gt;" in page
    assert "limits &lt;here&gt;" in page
    assert "2 differences that nobody can explain" in page
    assert re.search(r'<svg role="img" aria-label="orders: 3 agree, 1 explained, 2 not"', page)
    assert len(re.findall("<rect ", page)) == 3
    assert not re.search(r"<script|src=|href=|@import|url\(", page)


def test_the_page_of_an_empty_report_is_a_page() -> None:
    empty = Report("demo", "acumatica_shipbob", "2026-03-01T00:00:00.000000Z", "2026-03-02T00:00:00.000000Z",
                   "2026-03-02T01:00:00.000000Z", ())  # fmt: skip
    assert "Both sides agree" in html_page(empty)
