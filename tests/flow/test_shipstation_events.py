"""Every file of events/shipstation that must be taken, and what it asks for; the call budget beside other apps."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from acumatica_shipstation.flows import acumatica_doorbells, shipstation_doorbells
from acumatica_shipstation.settings import AcumaticaShipStation
from connector.connection import Connection, parse_document
from connector.pair import RawEvent
from local.simulators.acumatica.seed import line
from tests.support.edge import read_arrival
from tests.support.shipstation_stage import TOKEN, ShipStationStage, document

EVENTS = Path(__file__).resolve().parents[2] / "events"
TAKEN = [
    path
    for path in sorted((EVENTS / "shipstation").glob("*.json"))
    if path.name != "secret.json" and "whole" not in path.name and json.loads(path.read_text())["must"]["status"] == 200
]

DISBELIEVED = frozenset({"odd.foreign-host", "odd.no-type", "odd.unknown-type"})
"""Taken, because the token proves them, and kept as unreadable."""


def connection() -> Connection:
    return Connection("demo", "acumatica_shipstation", "active", 1, parse_document(document(), AcumaticaShipStation))


def event(sender: str, body: Any) -> RawEvent:
    return RawEvent("demo", sender, "id", "", "2026-05-11T16:20:31Z", body)


@pytest.mark.parametrize("path", TAKEN, ids=lambda path: path.stem)
def test_a_notification_names_a_batch_of_ours_or_asks_for_nothing(path: Path) -> None:
    body = json.loads(read_arrival(path).body.decode("utf-8-sig"))
    if path.stem in DISBELIEVED:
        with pytest.raises(ValueError, match="resource_") as raised:
            shipstation_doorbells(connection(), event("shipstation", body))
        assert "://" not in str(raised.value), "no address of a stranger is repeated"
        return
    for bell in shipstation_doorbells(connection(), event("shipstation", body)):
        assert bell.stream == "notices"
        resource, _, batch = bell.seen.source_key.partition(":")
        assert resource in {"shipments", "orders", "fulfillments"}
        assert batch
        assert bell.seen.facts == {"at": "2026-05-11T16:20:31Z"}


@pytest.mark.parametrize("kind", ["SHIP_NOTIFY", "ITEM_SHIP_NOTIFY", "ORDER_NOTIFY", "ITEM_ORDER_NOTIFY",
                                  "FULFILLMENT_SHIPPED", "FULFILLMENT_REJECTED"])  # fmt: skip
def test_every_event_of_the_pair_is_understood(kind: str) -> None:
    path, query = {
        "S": ("shipments", "batchId=1&includeShipmentItems=False"), "O": ("orders", "storeID=12345&importBatch=1"),
        "F": ("fulfillments", "batchId=1"),
    }[kind.removeprefix("ITEM_")[0]]  # fmt: skip
    body = {"resource_type": kind, "resource_url": f"https://ssapi7.shipstation.com/{path}?{query}"}
    (bell,) = shipstation_doorbells(connection(), event("shipstation", body))
    assert bell.seen.source_key == f"{path}:1"


def test_another_store_and_a_list_without_a_batch_are_left_to_the_polls() -> None:
    for url in ("https://ssapi.shipstation.com/orders?storeID=9&importBatch=1",
                "https://ssapi.shipstation.com/shipments?storeID=12345"):  # fmt: skip
        kind = "ORDER_NOTIFY" if "orders" in url else "SHIP_NOTIFY"
        body = {"resource_type": kind, "resource_url": url}
        assert shipstation_doorbells(connection(), event("shipstation", body)) == ()


def test_orders_and_items_ring_and_shipments_do_not() -> None:
    for name, streams in (("order.updated", {"orders"}), ("shipment.updated", set())):
        body = json.loads(read_arrival(EVENTS / "acumatica" / f"{name}.json").body)
        assert {bell.stream for bell in acumatica_doorbells(connection(), event("acumatica", body))} == streams
    rows = {"Inserted": [{"InventoryID": "0041   ", "ItemStatus": "Active"}], "Deleted": []}
    (bell,) = acumatica_doorbells(connection(), event("acumatica", rows))
    assert (bell.stream, bell.seen.source_key) == ("items", "0041")


def test_a_hostile_address_is_kept_and_nothing_is_fetched() -> None:
    stage = ShipStationStage()
    stage.run(minutes=2)
    calls = len(stage.calls())
    body = {"resource_type": "SHIP_NOTIFY", "resource_url": "https://169.254.169.254/latest/meta-data/"}
    assert stage.post("shipstation", {}, json.dumps(body).encode(), TOKEN) == 200
    stage.settle()
    (kept,) = [item for item in stage.world.tables.items("events") if str(item["pk"]) == "demo/shipstation"]
    assert kept["status"] == "unreadable"
    assert len(stage.calls()) == calls


def test_the_webhook_entry_imports_nothing_heavy() -> None:
    code = (
        "import sys, acumatica_shipstation.webhook; "
        "heavy = {'requests', 'pydantic', 'boto3', 'botocore', 'urllib3', 'cryptography', 'zoneinfo'}; "
        "print(sorted(heavy & {name.partition('.')[0] for name in sys.modules}), "
        "sorted(name for name in sys.modules if name.startswith('vendors.')))"
    )
    root = EVENTS.parent
    paths = os.pathsep.join([str(root / "layers/connector"), str(root / "functions")])
    done = subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": paths}, capture_output=True, text=True)
    assert done.stdout.split() == ["[]", "[]"], done.stderr


# ---- the budget beside other apps ---------------------------------------------------------------------------


def declined(stage: ShipStationStage) -> int:
    return sum(1 for call in stage.shipstation.calls if call.status == 429)


def test_calls_of_other_apps_are_seen_in_the_headers_and_left_to_them() -> None:
    stage = ShipStationStage()
    stage.run(minutes=3)
    for minute in range(6):
        stage.act("other_app_calls", calls=36)
        stage.sales_order(line("0041", minute + 1))
        stage.run(minutes=1)
    stage.run(minutes=5)
    assert declined(stage) <= 1
    assert {order["writes"] for order in stage.orders()} == {1}
    assert len(stage.orders()) == 6


def test_a_flood_of_work_is_never_declined_when_nobody_else_calls() -> None:
    stage = ShipStationStage()
    numbers = [stage.sales_order(line("0041", 1)) for _ in range(40)]
    stage.run(minutes=5)
    for number in numbers:
        stage.acumatica.command("put_on_hold", {"order_nbr": number})
    stage.run(minutes=20)
    assert declined(stage) == 0
    assert {order["orderStatus"] for order in stage.orders()} == {"on_hold"}
