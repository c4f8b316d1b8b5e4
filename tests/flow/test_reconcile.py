"""Reconciliation against both simulators: it agrees when it should, and finds what was planted at either side."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from acumatica_shipbob.flows import PAIR
from connector.cursor import read_cursors, save
from connector.entry import poller, worker
from connector.faults import Executed, FaultKind, VendorFault
from connector.instants import instant_text
from connector.journal import note
from connector.message import enqueue
from connector.nightly import RECONCILE, newest_report
from connector.pair import Survey, Window
from connector.parts import in_parts
from connector.reconcile import report_from
from connector.records import Origin, RecordStore, Seen
from connector.transport import Request
from local.simulators.acumatica.seed import item, line, order
from local.simulators.base import Fault
from tests.flow.test_shipments import of_order, sent, shipped
from tests.support.desk import StageDesk
from tests.support.stage import NAME, Stage
from tests.support.ups_stage import UpsStage, document, parcel
from vendors.acumatica.comparing import shipments as shipments_by_number
from vendors.acumatica.shapes import ShipmentBrief

FAST = {"shipments": {"every_seconds": 300}, "charges": {"every_seconds": 600}}


def settled(**changes: Any) -> tuple[Stage, str, str]:
    """One order shipped, posted and billed, one only sent; an hour later, so that the window holds all of it."""
    stage = Stage(schedule=FAST, **changes)
    stage.subscribe()
    left, open_one = sent(stage, line("0041", 2), line("KIT-DESK", 1)), sent(stage, line("0041", 1))
    shipped(stage, left)
    stage.run(minutes=10, webhooks=True)
    stage.shipbob.command("bill_day", {"storage": True})
    stage.shipbob.command("close_invoice", {"date": "2026-03-02"})
    stage.run(minutes=45, webhooks=True)
    return stage, left, open_one


def reconcile(stage: Stage, *words: str, codes: tuple[int, ...] = (0,)) -> dict[str, dict[str, Any]]:
    (report,) = StageDesk(stage).json("reconcile", NAME, *words, codes=codes)
    return {kind["kind"]: kind for kind in report["kinds"]}


def unexplained(kinds: dict[str, dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [
        (kind, row["key"], row["what"]) for kind, found in kinds.items() for row in found["differences"]
        if not row["explained"]
    ]


def test_a_settled_day_agrees_in_every_kind_and_writes_nothing() -> None:
    stage, *_ = settled()
    before = [len(stage.shipbob.strict_violations), len(stage.erp("Shipment")), len(stage.erp("Bill"))]
    kinds = reconcile(stage)
    assert unexplained(kinds) == []
    assert (kinds["orders"]["agreed"], kinds["shipments"]["agreed"]) == (2, 1)
    assert kinds["charges"]["agreed"] == len(stage.shipbob.holdings()["invoices"]) > 0
    # Not posted by Update IN yet: the books still show what has left, and the comparison knows it.
    assert kinds["stock"]["agreed"] == kinds["stock"]["left"] == 3
    assert before == [len(stage.shipbob.strict_violations), len(stage.erp("Shipment")), len(stage.erp("Bill"))]
    assert stage.acumatica.unknown_fields == []


def test_an_order_that_shipbob_lost_is_found_with_its_repair() -> None:
    stage, _, open_one = settled()
    order_id = stage.records("orders")[f"SO/{open_one}"].links["shipbob_order_id"]
    stage.shipbob.command("set_order_status", {"order_id": order_id, "status": "Cancelled"})
    (found,) = unexplained(reconcile(stage, "--kind", "orders", codes=(1,)))
    assert found == ("orders", f"SO/{open_one}", "state: live in Acumatica, cancelled in ShipBob")


def test_an_order_that_was_never_sent_is_found_and_backfill_is_the_repair() -> None:
    stage, *_ = settled()
    number = sent_by_nobody(stage)
    kinds = reconcile(stage, "--kind", "orders", codes=(1,))
    assert unexplained(kinds) == [("orders", f"SO/{number}", "Acumatica holds it, ShipBob does not")]
    (row,) = kinds["orders"]["differences"]
    assert row["command"].startswith(f"ml-connector backfill {NAME} --flow orders --from 2026-03-")


def sent_by_nobody(stage: Stage) -> str:
    """A released order that no poll has seen, old enough for the window."""
    number = str(stage.acumatica.command("sales_order", order("QUILL", line("0041", 1), country="US"))["key"])
    stage.clock.advance(3600)
    return number


def test_an_order_at_shipbob_that_acumatica_does_not_hold_is_found() -> None:
    stage, _, open_one = settled()
    stage.acumatica.command("delete", {"entity": "SalesOrder", "key": ["SO", open_one]})
    (found,) = unexplained(reconcile(stage, "--kind", "orders", codes=(1,)))
    assert found == ("orders", f"SO/{open_one}", "ShipBob holds it, Acumatica does not")


def test_wrong_units_and_a_wrong_tracking_number_are_found() -> None:
    stage, left, _ = settled()
    (shipment,) = of_order(stage, left)
    number = shipment["ShipmentNbr"]
    stage.acumatica.command("correct_shipment", {"shipment_nbr": number})
    rows = [{"id": package["id"], "TrackingNbr": "WRONG"} for package in shipment["Packages"]]
    stage.acumatica.command("edit", {"entity": "Shipment", "key": number, "fields": {"Packages": rows}})
    ((kind, _, what),) = unexplained(reconcile(stage, "--kind", "shipments", codes=(1,)))
    assert kind == "shipments"
    assert "in ShipBob, WRONG in Acumatica" in what
    assert "state: confirmed in ShipBob, Open in Acumatica" in what


def test_a_second_shipment_with_the_same_stamp_is_a_duplicate() -> None:
    stage, left, _ = settled()
    (shipment,) = of_order(stage, left)
    number = sent(stage, line("0041", 1))
    made = stage.acumatica.command("create_shipment", {"order_nbr": number, "warehouse": "3PL-WEST"})
    fields = {"Description": shipment["Description"]}
    stage.acumatica.command("edit", {"entity": "Shipment", "key": made["key"], "fields": fields})
    stage.clock.advance(3600)
    found = unexplained(reconcile(stage, "--kind", "shipments", codes=(1,)))
    assert any("Acumatica holds it 2 times" in what for _, _, what in found)


def test_a_missing_and_a_wrong_bill_are_found() -> None:
    stage, *_ = settled()
    bills = list(stage.erp("Bill").values())
    stage.acumatica.command("delete", {"entity": "Bill", "key": ["Bill", bills[0]["ReferenceNbr"]]})
    found = unexplained(reconcile(stage, "--kind", "charges", codes=(1,)))
    assert found == [("charges", bills[0]["VendorRef"], "ShipBob holds it, Acumatica does not")]


def test_stock_that_nobody_can_explain_is_found_beside_what_is_in_flight() -> None:
    stage, *_ = settled()
    stage.shipbob.command("adjust_stock", {"sku": "Insert Card - A", "location_id": 8, "quantity": -3})
    ((_, key, what),) = unexplained(reconcile(stage, "--kind", "stock", codes=(1,)))
    assert (key, what) == ("3PL-WEST/Insert Card - A", "on hand: 997 in ShipBob, 1000 in Acumatica")


def test_stock_of_an_item_that_shipbob_has_just_got_is_explained_until_the_stock_flow_has_looked() -> None:
    stage, *_ = settled()
    stage.acumatica.command("stock_item", item("NEW-1", "New article"))
    stage.acumatica.command("stock", {"sku": "NEW-1", "warehouse": "3PL-WEST", "location": "R1", "quantity": 40})
    for _ in range(15):
        stage.run(minutes=1)
        if stage.states("items").get("NEW-1") == "done":
            break
    (row,) = reconcile(stage, "--kind", "stock")["stock"]["differences"]
    assert (row["key"], row["explained"][:24]) == ("3PL-WEST/NEW-1", "ShipBob has the item sin")
    stage.run(minutes=60)  # the flow looks, and posts what it has seen twice
    assert reconcile(stage, "--kind", "stock")["stock"]["differences"] == []


def test_a_held_order_is_a_difference_that_is_explained() -> None:
    stage = Stage(tables={"ship_methods": {"GROUND": "Standard", "": "Standard"}})
    number = sent(stage, line("0041", 1), ShipVia="EXPRESS")
    stage.run(minutes=45)
    kinds = reconcile(stage, "--kind", "orders")
    (row,) = kinds["orders"]["differences"]
    assert row["explained"].startswith(f"held: order SO/{number} waits for")
    assert row["command"] == f"ml-connector review list --connection {NAME}"


def test_files_for_finance(tmp_path: Path) -> None:
    stage, _, open_one = settled()
    stage.acumatica.command("delete", {"entity": "SalesOrder", "key": ["SO", open_one]})
    desk = StageDesk(stage)
    files = ["--csv", str(tmp_path / "a.csv"), "--html", str(tmp_path / "a.html")]
    result = desk.run("reconcile", "acumatica_shipbob", *files)
    assert result.exit_code == 1
    assert f"SO/{open_one}" in (tmp_path / "a.csv").read_text("utf-8")
    assert "<svg" in (tmp_path / "a.html").read_text("utf-8")
    assert "Not explained: 1 difference." in result.stdout


def test_a_window_without_time_and_a_kind_that_there_is_not_are_refused() -> None:
    desk = StageDesk(Stage())
    assert desk.run("reconcile", NAME, "--kind", "parcels").exit_code == 1
    assert desk.run("reconcile", NAME, "--from", "2026-03-02", "--to", "2026-03-01").exit_code == 1
    assert desk.run("reconcile", NAME, "--from", "soon").exit_code == 2
    assert desk.run("reconcile", "nobody").exit_code == 1
    assert "runs tonight" in desk.run("reconcile", NAME, "--latest").output


# ---- the night ------------------------------------------------------------------------------------------------


def night(stage: Stage) -> int:
    """The nightly schedule of the pair."""
    count: int = poller(PAIR, stage.process)({"night": True}, None)["jobs"]
    stage.settle()
    return count


def test_the_night_keeps_a_report_and_counts_for_the_alarm() -> None:
    stage, _, open_one = settled()
    stage.acumatica.command("delete", {"entity": "SalesOrder", "key": ["SO", open_one]})
    assert night(stage) == 1
    report = newest_report(stage.process, NAME)
    assert report is not None
    assert report.unexplained == 1
    assert stage.world.metrics()["ReconcileDifferences"] == [1]
    (shown,) = StageDesk(stage).json("reconcile", NAME, "--latest", codes=(1,))
    assert report_from(shown) == report
    # Another night of the same hour is the same job; ticks do not run it again.
    stage.run(minutes=5)
    assert newest_report(stage.process, NAME) == report


def test_a_night_that_a_fault_stops_goes_on_without_reading_again() -> None:
    stage, *_ = settled()
    calls = len(stage.shipbob.calls)
    stage.acumatica.dial.plan(Fault.DROP_BEFORE, "GET .*/Shipment/")
    night(stage)
    assert newest_report(stage.process, NAME) is None
    lists = [call for call in stage.shipbob.calls[calls:] if "StartDate" in call.query]
    assert len(lists) >= 1
    before = len([call for call in stage.shipbob.calls if "LastUpdateStartDate" in call.query])
    stage.run(minutes=20)
    report = newest_report(stage.process, NAME)
    assert report is not None
    assert report.unexplained == 0
    polls = 20 // 5 + 1
    after = len([call for call in stage.shipbob.calls if "LastUpdateStartDate" in call.query])
    assert after - before <= polls  # the polls alone: the night's own list was remembered


def test_a_night_that_never_ends_is_late_like_a_poll() -> None:
    stage = Stage()
    stage.run(minutes=1)
    before = read_cursors(stage.process.tables, NAME, [RECONCILE])[RECONCILE]
    late = instant_text(stage.clock() - timedelta(days=3))
    save(stage.process.tables, replace(before, failures=10, begun_at=late))
    stage.tick()
    assert max(stage.world.metrics()["CursorAgeSeconds"]) >= 2 * 86_400


def test_a_paused_connection_has_no_night() -> None:
    stage = Stage()
    StageDesk(stage).run("connections", "pause", NAME)
    assert night(stage) == 0


def test_the_job_is_named_once() -> None:
    assert RECONCILE.startswith("chore:")


# ---- labels ---------------------------------------------------------------------------------------------------


def labelled() -> tuple[UpsStage, str]:
    stage = UpsStage()
    number = stage.shipment(parcel(4.5), parcel(2.0))
    stage.run(minutes=45)
    assert len(stage.alive()) == 2
    return stage, number


def test_labels_and_freight_agree() -> None:
    stage, _ = labelled()
    note(stage.process, "anna", "dlq redrive")  # the operators' journal stands in the same index
    kinds = reconcile(stage, "--thorough")
    assert unexplained(kinds) == []
    assert kinds["labels"]["agreed"] == 1


def test_labels_agree_where_the_site_cannot_list_shipments() -> None:
    stage = UpsStage(labels={"find_shipments": "orders"})
    number = stage.shipment(parcel(4.5))
    stage.run(minutes=45)
    assert len(stage.alive()) == 1
    kinds = reconcile(stage, "--kind", "labels")
    assert (kinds["labels"]["agreed"], kinds["labels"]["left"]) == (1, 1)
    stage.edit(number, Packages=[{"id": stage.erp("Shipment")[number]["Packages"][0]["id"], "TrackingNbr": ""}])
    assert len(unexplained(reconcile(stage, "--kind", "labels", codes=(1,)))) == 1


def test_a_label_agrees_whose_ship_via_was_taken_out_of_the_table_since() -> None:
    stage, _ = labelled()
    raw = document()
    raw["tables"]["services"].pop("GROUND")
    stage.apply(raw)
    kinds = reconcile(stage, "--kind", "labels")
    assert (kinds["labels"]["agreed"], kinds["labels"]["left"]) == (1, 1)


def test_a_voided_label_agrees() -> None:
    stage, number = labelled()
    desk = StageDesk(stage)
    desk.run("label", "void", number, "--reason", "repacked")
    stage.run(minutes=45)
    assert stage.alive() == []
    assert unexplained(reconcile(stage, "--kind", "labels", "--thorough")) == []


def test_freight_that_differs_is_found() -> None:
    stage = UpsStage(labels={"freight_cost": True})
    number = stage.shipment(parcel(4.5))
    stage.run(minutes=45)
    assert reconcile(stage, "--kind", "freight")["freight"]["agreed"] == 1
    stage.edit(number, FreightCost=1)
    ((kind, key, what),) = unexplained(reconcile(stage, "--kind", "freight", codes=(1,)))
    assert (kind, key, what.startswith("freight: 1.00 in Acumatica")) == ("freight", number, True)


def test_a_number_that_somebody_changed_is_found() -> None:
    stage, number = labelled()
    package = stage.erp("Shipment")[number]["Packages"][0]
    stage.edit(number, Packages=[{"id": package["id"], "TrackingNbr": "1ZOTHER"}])
    stage.clock.advance(3600)
    ((_, key, what),) = unexplained(reconcile(stage, "--kind", "labels", codes=(1,)))
    assert key == number
    assert "1ZOTHER" in what


def test_a_report_is_json_all_through() -> None:
    stage, *_ = settled()
    night(stage)
    item = stage.world.tables.query("state", f"reconcile/{NAME}").items[0]
    assert report_from(json.loads(stage.process.bodies.get(str(item["key"])))).connection == NAME


# ---- what it costs, and whom it keeps waiting ---------------------------------------------------------------------


def keyed(stage: Stage, since: int) -> list[str]:
    """Shipments that were read one by one after so many calls."""
    paths = [call.path for call in stage.acumatica.calls[since:] if call.method == "GET"]
    return [path for path in paths if "/Shipment/" in path]


def test_shipments_are_read_many_at_a_time() -> None:
    stage, *_ = settled()
    shipped(stage, sent(stage, line("0041", 1)))
    stage.run(minutes=45, webhooks=True)
    calls = len(stage.acumatica.calls)
    found = reconcile(stage, "--kind", "shipments")["shipments"]
    assert (found["agreed"], found["left"], found["differences"]) == (2, 2, [])
    assert keyed(stage, calls) == []
    lists = [call for call in stage.acumatica.calls[calls:] if call.path.endswith("/Shipment")]
    assert len(lists) == 2  # those of the window, and both by their numbers


@pytest.mark.parametrize(
    "switches", [{"shipment_list": "error"}, {"shipment_list": "empty"}, {"unoptimisable": {"Shipment": ["Packages"]}}]
)
def test_where_a_site_cannot_list_shipments_each_is_read_by_its_key(switches: dict[str, Any]) -> None:
    stage, *_ = settled()
    stage.acumatica.world.switches.turn(switches)
    calls = len(stage.acumatica.calls)
    found = reconcile(stage, "--kind", "shipments")["shipments"]
    assert (found["agreed"], found["differences"]) == (1, [])
    assert len(keyed(stage, calls)) == 1
    assert ("cannot list shipments" in found["limits"]) == (switches.get("shipment_list") == "error")


def test_a_live_order_is_sent_while_the_night_reads_a_long_list() -> None:
    """Acumatica has one session. Live work comes amid the list and waits for one call, not for the night."""
    stage, *_ = settled()
    listing, seen = "/SalesOrder?", []
    for _ in range(3):
        sent_by_nobody(stage)
    number = ""

    def arrives(request: Request) -> None:
        """A shop's order comes just when the night has asked for its list; another process works on it at once."""
        nonlocal number
        if listing not in request.url or "LastModified%20ge" not in request.url or number:
            return
        number = str(stage.acumatica.command("sales_order", order("QUILL", line("0041", 1), country="US"))["key"])
        other = replace(stage.world.services, memory={("wire",): stage.wire})
        origin = Origin(NAME, PAIR.name, "orders", "webhook", "c0ffee")
        enqueue(other, RecordStore(other).see(origin, [Seen(f"SO/{number}")]))
        stage.world.deliver("live", worker(PAIR, other))
        seen.append(stage.states("orders")[f"SO/{number}"])

    stage.wire.before = arrives
    began = stage.clock()
    poller(PAIR, stage.process)({"night": True}, None)
    stage.settle()
    assert seen == ["waiting"]  # that one call was under way
    assert newest_report(stage.process, NAME) is None  # the night lets it pass
    while stage.states("orders")[f"SO/{number}"] != "done":
        stage.run(minutes=1 / 12)
    assert (stage.clock() - began).total_seconds() < 30
    stage.run(minutes=10)
    report = newest_report(stage.process, NAME)
    assert report is not None
    assert {kind.kind: kind.unexplained for kind in report.kinds} == {
        "orders": 3, "shipments": 0, "stock": 0, "charges": 0,
    }  # fmt: skip


def test_a_list_that_is_always_interrupted_is_read_in_shorter_parts_until_it_gets_on() -> None:
    moments = [datetime(2026, 3, day, tzinfo=UTC) for day in (1, 3)]
    read: list[float] = []

    def rows(part: Window) -> list[str]:
        hours = (part.until - part.since).total_seconds() / 3600
        if hours > 12:
            raise VendorFault("erp", FaultKind.BUDGET, "live work wants the session", Executed.NO)
        read.append(hours)
        return [part.since.isoformat()]

    memory: dict[str, Any] = {}

    def once(name: str, call: Any) -> Any:
        if name not in memory:
            memory[name] = call()
        return memory[name]

    survey: Survey[Any] = Survey(*[None] * 4, Window(*moments), once, memory=memory)  # type: ignore[arg-type]
    for _ in range(2):
        with pytest.raises(VendorFault):
            in_parts(survey, "orders", rows)
    found = in_parts(survey, "orders", rows)
    assert (len(found), read) == (4, [12.0] * 4)
    assert found == in_parts(survey, "orders", rows)
    assert len(read) == 4


def test_a_thousand_shipments_cost_34_calls() -> None:
    """It was one for each."""
    numbers = [f"SH{number:06d}" for number in range(1000)]
    asked: list[int] = []

    class Erp:
        def shipments_in_brief(self, some: list[str]) -> list[ShipmentBrief]:
            asked.append(len(some))
            return [ShipmentBrief(each, "", "Confirmed", "", None, None, None, (), ()) for each in some]

    survey: Survey[Any] = Survey(*[None] * 5, lambda name, call: call())  # type: ignore[arg-type]
    found = shipments_by_number(survey, Erp(), numbers, lambda brief: {"number": brief.number})  # type: ignore[arg-type]
    assert (len(found), len(asked)) == (1000, 34)


def test_a_connection_that_begins_tomorrow_has_nothing_to_compare() -> None:
    stage = Stage(start="2026-03-09T00:00:00Z")
    assert night(stage) == 1
    stage.run(minutes=3)
    assert newest_report(stage.process, NAME) is None
    assert read_cursors(stage.process.tables, NAME, [RECONCILE])[RECONCILE].failures == 0
