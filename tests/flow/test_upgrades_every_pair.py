"""What version 0.1.0 has stored of every pair, and of the operators' own, is read, shown, and goes on where it stood.

The fixtures were written by tests.support.stored_stories; tests/unit/test_upgrades.py has those of the first pair.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from connector.audit import proven_trail
from connector.closing import read_mood
from connector.entry import poller
from connector.journal import lines_of
from connector.message import enqueue
from connector.nightly import newest_report
from connector.records import RecordStore
from connector.tokens import reconnect_needed, reconnect_shown
from tests.support.desk import StageDesk
from tests.support.stage import NAME
from tests.support.stored_stories import STORIES, restore

ROOT = Path(__file__).resolve().parents[2]
STORED = ROOT / "tests/fixtures/stored"
VERSIONS = sorted(path.name for path in STORED.iterdir() if path.is_dir())
ORDERS: dict[str, Callable[[Any], int]] = {
    "acumatica_ups": lambda stage: len(stage.labels()),
    "acumatica_shipstation": lambda stage: len(stage.orders()),
    "netsuite_shipbob": lambda stage: len(stage.receiving_orders()) + len(stage.ours("itemReceipt")),
    "dynamicsgp_shipbob": lambda stage: len(stage.sales()),
    "operators": lambda stage: len(stage.shipbob.holdings()["orders"]),
}


def fixture(version: str, story: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((STORED / version / f"{story}.json").read_text("utf-8"))
    return found


def upgraded(version: str, story: str) -> Any:
    """The vendors as they were then, and the stores as the older version left them."""
    kept, stage = fixture(version, story), STORIES[story]()
    stage.clock.set(max(stage.clock(), datetime.fromisoformat(kept["at"])))
    restore(stage.world, kept)
    stage.restart()
    return stage


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("story", [name for name in STORIES if name != "operators"])
def test_a_pairs_records_are_read_shown_and_written_no_second_time(version: str, story: str) -> None:
    stage = upgraded(version, story)
    desk, before = StageDesk(stage), ORDERS[story](stage)
    assert before
    records = stage.all_records()
    assert records
    for record in records:
        assert proven_trail(stage.world.tables, record.id, lambda record=record: record.audit_hash)[1] is None
    newest = {record.stream: record for record in records}
    for record in newest.values():
        assert desk.json("records", "show", record.id)["chain_intact"] is True
    assert desk.json("explain", record.id)["records"]
    assert desk.json("connections", "show", NAME)["revision"] == 1
    store = RecordStore(stage.process)
    enqueue(stage.process, [store.touch(record, "replay", "c0ffee", "Replayed.") for record in records])
    stage.run(minutes=3)
    assert ORDERS[story](stage) == before
    assert {record.status.value for record in stage.all_records()} <= {"done", "held", "waiting"}


@pytest.mark.parametrize("version", VERSIONS)
def test_reports_journal_marks_and_budgets_are_read(version: str) -> None:
    stage = upgraded(version, "operators")
    desk, services = StageDesk(stage), stage.process
    report = newest_report(services, NAME)
    assert report is not None
    assert desk.json("reconcile", NAME, "--latest", codes=(0, 1))[0]["made_at"] == report.made_at
    lines, broken = lines_of(services, "2026-03-02")
    assert (broken, [each.text for each in lines]) == (None, ["anna: looks"])
    assert reconnect_needed(services, NAME, "acumatica") is not None
    assert reconnect_shown(services, NAME, "acumatica") is not None
    assert read_mood(services, f"{NAME}/shipbob").closed_until is not None
    assert set(desk.json("connections", "show", NAME)["reconnect_needed"]) == {"acumatica"}


@pytest.mark.parametrize("version", VERSIONS)
def test_a_night_that_an_older_version_began_is_ended_by_this_one(version: str) -> None:
    from acumatica_shipbob.flows import PAIR

    stage = upgraded(version, "operators")
    before = newest_report(stage.process, NAME)
    secret = json.loads(stage.world.secrets.read(f"{NAME}/acumatica").current)
    stage.world.secrets.write(f"{NAME}/acumatica", json.dumps({**secret, "password": "simulated-password"}))
    stage.clock.advance(600)
    stage.restart()
    poller(PAIR, stage.process)({"night": True}, None)
    stage.run(minutes=20)
    after = newest_report(stage.process, NAME)
    assert before is not None
    assert after is not None
    assert after.made_at > before.made_at


# ---- nothing is stored of which no fixture tells --------------------------------------------------------------

PASSING = {
    "collect": "a lease of minutes", "outbox": "drafts that wait for seconds to be sent together",
    "turn": "a place in a line, for minutes", "quarantine": "in the events fixture of acumatica_shipbob",
    "order-fields": "a memory that is asked anew", "ss-merged": "references, no data of their own",
    "ss-survivor": "references, no data of their own",
    "answers": "new since 0.1.0: when a vendor last answered", "order-reference": "new since 0.1.0",
}  # fmt: skip


def test_every_kind_of_state_has_a_fixture() -> None:
    code = "".join(
        path.read_text("utf-8") for folder in ("layers", "functions") for path in (ROOT / folder).rglob("*.py")
    )
    written = set(re.findall(r'"pk": f"([a-z-]+)/', code))
    kept = {
        str(item["pk"]).split("/")[0]
        for version in VERSIONS
        for path in (STORED / version).glob("*.json")
        for item in json.loads(path.read_text("utf-8"))["tables"]["state"]
    }
    assert written - kept == set(PASSING)
