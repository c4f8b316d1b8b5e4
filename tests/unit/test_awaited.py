"""What records wait for that is no key of a table is said in words, with an act that brings it about."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cli.operations.awaited import AWAITED
from cli.operations.causes import key_advice, mapping_tables, wanted
from connector.outcome import Missing
from connector.record import Record, Status

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "operator-guide.md"
SELF_EXPLAINING = {"item", "flow", "secret", "connection"}
"""A SKU has a record that tells why; the others have sentences of their own."""

AT = "2026-03-02T14:05:09.250000Z"
RECORD = Record(
    connection="acme", stream="orders", source_key="SO/1", pair="acumatica_shipbob", status=Status.HELD, revision="1",
    seen=1, handled=1, cause="poll", correlation="c0ffee", lane="live", due_at=AT, first_seen=AT, updated_at=AT,
)


def kinds() -> set[str]:
    """Every kind of missing key, by the guide's table (which another test compares with the flows)."""
    table = GUIDE.read_text("utf-8").partition("| Waits for | What to do |")[2].partition("\n\n")[0]
    return set(re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE))


def test_every_kind_that_is_no_key_of_a_table_has_words() -> None:
    assert kinds() - set(mapping_tables()) - SELF_EXPLAINING == set(AWAITED)


@pytest.mark.parametrize("kind", sorted(AWAITED))
def test_no_advice_goes_round_in_a_circle_or_shows_what_only_the_sweeper_reads(kind: str) -> None:
    missing = Missing(kind, f"SO/SO000047@{AT}|140335319")
    said = f"{wanted(missing)}; {key_advice(RECORD, missing, mapping_tables())}"
    assert "@" not in said
    assert "|" not in said
    assert "is known on both sides" not in said
    assert "SO000047" in said


def test_the_advice_for_an_order_that_is_not_sent_can_be_typed() -> None:
    told = key_advice(RECORD, Missing("sent order", "SO/SO000047"), mapping_tables())
    assert told.endswith("ml-connector explain SO000047")
