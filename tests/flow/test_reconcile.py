"""Reconciliation against both simulators: it agrees when it should, and finds what was planted at either side."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from connector.entry import poller
from connector.journal import note
from connector.nightly import RECONCILE, newest_report
from connector.reconcile import report_from
from local.simulators.acumatica.seed import item, line
from local.simulators.base import Fault
from tests.flow.test_shipments import of_order, sent, shipped
from tests.support.desk import StageDesk
from tests.support.stage import NAME, Stage
from tests.support.ups_stage import UpsStage, document, parcel

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
    from local.simulators.acumatica.seed import order

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
    from acumatica_shipbob.flows import PAIR

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
