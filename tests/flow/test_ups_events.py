"""Every file of events/ups that must be taken, from the edge to the parcel's record."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from acumatica_ups.flows import acumatica_doorbells, ups_doorbells
from connector.connection import Connection, parse_document
from connector.pair import RawEvent
from tests.support.edge import read_arrival
from tests.support.ups_stage import UpsStage, document, parcel

EVENTS = Path(__file__).resolve().parents[2] / "events"
TAKEN = [
    path
    for path in sorted((EVENTS / "ups").glob("*.json"))
    if path.name != "secret.json" and json.loads(path.read_text())["must"]["status"] == 200
]
STAGES = {
    "delivered": ("delivered", ""),
    "delivered.enhanced": ("delivered", ""),
    "returned": ("in transit", "returned"),
    "access-point": ("ready for pickup", ""),
    "exception": ("in transit", "exception"),
    "voided": ("labelled", "voided"),
    "out-for-delivery": ("out for delivery", ""),
    "label-created": ("labelled", ""),
    "date-updated": ("labelled", ""),
    "odd.unknown-type": ("labelled", ""),
}


def connection() -> Connection:
    from acumatica_ups.settings import AcumaticaUps

    return Connection("demo", "acumatica_ups", "active", 1, parse_document(document(), AcumaticaUps))


def event(sender: str, body: Any) -> RawEvent:
    return RawEvent("demo", sender, "id", "", "2026-05-11T13:15:24Z", body)


@pytest.mark.parametrize("path", TAKEN, ids=lambda path: path.stem)
def test_a_pushed_event_reaches_the_record_of_its_parcel(path: Path) -> None:
    (bell,) = ups_doorbells(connection(), event("ups", json.loads(read_arrival(path).body)))
    assert bell.stream == "tracking"
    assert bell.seen.source_key in ("1Z7A41E80378152440", "1R00000012345678")
    (facts,) = bell.seen.facts.values()
    if path.stem in STAGES:
        assert (facts["stage"], facts["beside"]) == STAGES[path.stem]
    assert "deliveryPhoto" not in json.dumps(facts)


@pytest.mark.parametrize("body", [{}, {"trackingNumber": ""}, {"trackingNumber": "1Z7A41E80378152440"}])
def test_an_event_that_says_nothing_is_unreadable(body: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no tracking number or no status"):
        ups_doorbells(connection(), event("ups", body))


def test_shipments_ring_and_orders_do_not() -> None:
    body = json.loads(read_arrival(EVENTS / "acumatica" / "shipment.updated.json").body)
    bells = acumatica_doorbells(connection(), event("acumatica", body))
    assert {bell.stream for bell in bells} == {"labels"}
    body = json.loads(read_arrival(EVENTS / "acumatica" / "order.updated.json").body)
    assert acumatica_doorbells(connection(), event("acumatica", body)) == []


def test_the_same_event_twice_is_worked_on_once() -> None:
    stage = UpsStage(ups={"track_alert": "v1"})
    stage.shipment(parcel())
    stage.run(minutes=12, webhooks=True)
    (sold,) = stage.alive()
    stage.ups.command("scan", {"tracking_number": sold, "event": "delivered"})
    (delivery,) = stage.ups.take_deliveries()
    for _ in range(3):
        assert stage.post("ups", delivery.headers, delivery.body) == 200
    stage.run(minutes=15)
    kept = [item for item in stage.world.tables.items("events") if str(item["pk"]) == "demo/ups"]
    assert len(kept) == 1


def test_the_webhook_entry_imports_nothing_heavy() -> None:
    code = (
        "import sys, acumatica_ups.webhook; heavy = {'requests', 'pydantic', 'boto3', 'botocore', 'urllib3'}; "
        "print(sorted(heavy & {name.partition('.')[0] for name in sys.modules}), "
        "sorted(name for name in sys.modules if name.startswith('vendors.')))"
    )
    root = EVENTS.parent
    paths = os.pathsep.join([str(root / "layers/connector"), str(root / "functions")])
    done = subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": paths}, capture_output=True, text=True)
    assert done.stdout.split("]")[0] == "[", done.stderr
    assert done.stdout.count("vendors.") == 4, "the name of a pushed event, and what it needs"
