"""Every file of events/ against the webhook function of the pair that receives it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from acumatica_shipbob.senders import SENDERS as ACUMATICA_SHIPBOB
from acumatica_shipstation.senders import SENDERS as ACUMATICA_SHIPSTATION
from acumatica_ups.senders import SENDERS as ACUMATICA_UPS
from connector.edge.receiver import receiver
from connector.edge.request import body_of
from connector.edge.sender import Sender
from connector.instants import instant_text
from tests.support.edge import Arrival, gateway_event, messages, quarantined, read_arrival
from tests.support.world import World

ROOT = Path(__file__).resolve().parents[2]
EVENTS = ROOT / "events"
CONNECTION = "tidewater-main"
PLAYED: Mapping[str, tuple[str, Mapping[str, Sender]]] = {
    "acumatica": ("acumatica_shipbob", ACUMATICA_SHIPBOB),
    "shipbob": ("acumatica_shipbob", ACUMATICA_SHIPBOB),
    "ups": ("acumatica_ups", ACUMATICA_UPS),
    "shipstation": ("acumatica_shipstation", ACUMATICA_SHIPSTATION),
}
"""Per folder of events/ the pair that plays it. A folder that nothing plays fails the last test below."""

FILES = sorted(path for vendor in PLAYED for path in (EVENTS / vendor).glob("*.json") if path.name != "secret.json")


def prepared(vendor: str, arrival: Arrival) -> World:
    """A world at the moment of the arrival, with a connection and the vendor's secret in both versions."""
    pair, senders = PLAYED[vendor]
    world = World(start=arrival.at, pair=pair)
    world.tables.put("connections", {
        "pk": CONNECTION, "sk": "document", "pair": pair, "state": "active", "revision": 1,
        "data": json.dumps({"systems": {name: {} for name in senders}}),
    })
    secret = json.loads((EVENTS / vendor / "secret.json").read_text())
    for version in ("previous", "current"):
        world.secrets.write(f"{CONNECTION}/{senders[vendor].secret_name}", json.dumps(secret[version]))
    return world


def event_of(vendor: str, arrival: Arrival) -> dict[str, Any]:
    """The API Gateway event of a file."""
    made = gateway_event(
        vendor, arrival.lines, arrival.body, connection=CONNECTION, token=arrival.token, pair=PLAYED[vendor][0]
    )
    return arrival.event or made


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_what_must_happen_happens(path: Path) -> None:
    vendor, arrival = path.parent.name, read_arrival(path)
    world, event = prepared(vendor, arrival), event_of(vendor, arrival)
    pair, senders = PLAYED[vendor]
    handle = receiver(senders, world.services, pair=pair)
    answers = [handle(event, None), handle(event, None)]  # every sender repeats
    assert [answer["statusCode"] for answer in answers] == [arrival.must["status"]] * 2
    assert len(quarantined(world, vendor, CONNECTION)) == 2 * bool(arrival.must.get("quarantined"))
    if arrival.must["status"] != 200:
        assert set(arrival.must) <= {"status", "quarantined"}
        assert messages(world) == []
        assert world.bodies.keys() == []
        return
    (stored,) = world.queues.messages("events")
    assert {json.loads(answer["body"])["message_id"] for answer in answers} == {stored.id}
    assert_stored(world, vendor, arrival, body_of(event) or b"")


def assert_stored(world: World, vendor: str, arrival: Arrival, raw: bytes) -> None:
    """The one message names the event as the file says, and its body is what was sent."""
    (fields,) = messages(world)
    assert fields["kind"] == "event"
    assert (fields["connection"], fields["sender"]) == (CONNECTION, vendor)
    assert (fields["event_id"], fields["topic"]) == (arrival.must["event_id"], arrival.must["topic"])
    assert fields["received_at"] == instant_text(arrival.at)
    where = arrival.must.get("stored_in", "message")
    assert where == ("bucket" if "body_key" in fields else "message")
    text = world.bodies.get(fields["body_key"]).decode() if where == "bucket" else fields["body"]
    assert text == raw.decode("utf-8-sig")
    assert isinstance(json.loads(text), dict)
    versions = json.loads((EVENTS / vendor / "secret.json").read_text()).values()
    hidden = [entry for version in versions for name in ("secrets", "tokens") for entry in version.get(name, ())]
    assert hidden
    assert not [entry for entry in hidden if entry in json.dumps(fields)], "no credential travels on"


def test_no_file_is_forgotten() -> None:
    used = {*FILES, EVENTS / "README.md", *(EVENTS / vendor / "secret.json" for vendor in PLAYED)}
    present = {path for path in EVENTS.rglob("*") if path.is_file()}
    assert sorted(map(str, present - used)) == []
    assert len(FILES) > 70


def test_every_topic_that_shipbob_documents_has_an_example() -> None:
    topics = {
        "order.shipped", "order.delivered", "order.shipment.tracking.updated", "order.shipment.delivered",
        "order.shipment.exception", "order.shipment.on_hold", "order.shipment.cancelled",
        "order.shipment.address.updated", "order.shipment.line_item.added", "order.shipment.line_item.removed",
        "order.shipment.line_item.updated", "order.shipment.shipping_service.updated", "return.created",
        "return.updated", "return.completed", "wro.created", "wro.updated", "wro.completed", "wro.box.arrived",
        "wro.box.scanned", "wro.box.stowed", "billing.charge.created", "billing.refund.created",
        "billing.credit.created",
    }
    assert topics <= {path.stem for path in FILES if path.parent.name == "shipbob"}


def test_the_vendors_own_signed_samples_are_taken(shared: Path) -> None:
    """Signed by somebody else's code from the same description of the scheme."""
    folder = shared / "specs" / "shipbob" / "webhook-samples"
    samples = json.loads((folder / "signed-samples.json").read_text())
    for sample in samples["samples"]:
        body = (folder / sample["body_file"]).read_bytes()
        stamp = int(sample["headers"]["webhook-timestamp"])
        arrival = read_arrival(EVENTS / "shipbob" / "order.shipped.json")
        world = prepared("shipbob", arrival)
        world.clock.advance(stamp - world.clock().timestamp())
        world.secrets.write(f"{CONNECTION}/shipbob_webhook", json.dumps({"secrets": [samples["secret"]]}))
        handle = receiver(ACUMATICA_SHIPBOB, world.services, pair="acumatica_shipbob")
        answer = handle(gateway_event("shipbob", sample["headers"], body, connection=CONNECTION), None)
        assert answer["statusCode"] == 200, sample["topic"]
        assert messages(world)[0]["topic"] == sample["topic"]
