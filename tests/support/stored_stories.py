"""What each pair has stored at the end of a short story: written by one version, read by every later one.

    python -m tests.support.stored_stories FOLDER

writes the fixtures of tests/fixtures/stored/<version>. Run it with the version that is named, and never edit what it
has written. The vendors are played anew by the same story, so that work can go on where it stood.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from connector.closing import close
from connector.entry import poller
from connector.journal import note
from connector.records import RecordStore
from connector.review import close as close_record
from connector.silence import rung
from local.simulators.acumatica.seed import line
from local.simulators.base import Fault
from tests.flow.test_netsuite_tracking import sent, stocked
from tests.flow.test_shipments import sent as order_sent
from tests.support.gp_stage import CORD, GpStage
from tests.support.gp_stage import line as gp_line
from tests.support.shipstation_stage import ShipStationStage
from tests.support.stage import NAME, Stage
from tests.support.ups_stage import UpsStage, parcel
from tests.support.world import World

TABLES = ("connections", "records", "events", "audit", "state")


def labels() -> Stage:
    """One shipment with a label, one that is held because its Ship Via is bound to a plug-in."""
    stage = UpsStage()
    stage.shipment(parcel(4.5))
    stage.shipment(parcel(2.0), ShipVia="UPSPLUGIN")
    stage.run(minutes=8)
    return stage


def shipping() -> Stage:
    """One order at ShipStation."""
    stage = ShipStationStage()
    stage.sales_order(line("0041", 2))
    stage.run(minutes=8)
    return stage


def receiving() -> Stage:
    """A purchase order that arrived, an order that left."""
    stage = stocked()
    order = stage.purchase_order(("TEE", 12))
    _, number = sent(stage, ("TEE", 3))
    stage.run(minutes=3)
    stage.stow(order["tran_id"])
    stage.complete(order["tran_id"])
    stage.shipbob.command("fulfil", {"order_id": number})
    stage.run(minutes=20)
    return stage


def ledgers() -> Stage:
    """One order in GP."""
    stage = GpStage()
    stage.order(gp_line(CORD, 1, 9.95))
    stage.run(minutes=5)
    return stage


def operating() -> Stage:
    """What operators and trouble leave behind: reports, an interrupted night, journal, marks, a closed account."""
    from acumatica_shipbob.flows import PAIR

    stage = Stage()
    number = order_sent(stage, line("0041", 1))
    stage.clock.advance(3600)
    night: Any = {"night": True}
    poller(PAIR, stage.process)(night, None)
    stage.settle()
    stage.clock.advance(3600)
    stage.shipbob.dial.plan(Fault.ERROR_500_BEFORE, "GET .*/order", times=1)
    poller(PAIR, stage.process)(night, None)
    stage.settle()
    note(stage.process, "anna", "looks", {"connection": NAME})
    rung(stage.process, NAME, "shipments")
    record = stage.records("orders")[f"SO/{number}"]
    close_record(RecordStore(stage.process), record, "anna", "done by hand")
    close(stage.process, f"{NAME}/shipbob", stage.clock() + timedelta(minutes=5), None)
    _refused(stage)
    return stage


def _refused(stage: Stage) -> None:
    """Acumatica refuses a sign-in: the mark on the token, its copy, the note that a person was told."""
    good = stage.world.secrets.read(f"{NAME}/acumatica")
    assert good is not None
    stage.world.secrets.write(f"{NAME}/acumatica", json.dumps({**json.loads(good.current), "password": "wrong"}))
    stage.acumatica.command("expire_tokens", {"refresh_tokens": True})
    stage.clock.advance(7200)
    stage.restart()
    stage.run(minutes=2)


STORIES: dict[str, Callable[[], Any]] = {
    "acumatica_ups": labels, "acumatica_shipstation": shipping, "netsuite_shipbob": receiving,
    "dynamicsgp_shipbob": ledgers, "operators": operating,
}  # fmt: skip


def snapshot(world: World, story: str) -> dict[str, Any]:
    """Tables, bodies and token secrets. Credentials are made anew for each stage."""
    secrets = {name: world.secrets.read(name) for name in world.secrets.names() if name.endswith("/token")}
    return {
        "note": STORIES[story].__doc__,
        "at": world.clock().isoformat(),
        "tables": {table: world.tables.items(table) for table in TABLES},
        "bodies": {key: world.bodies.get(key).decode("utf-8", "replace") for key in world.bodies.keys()},  # noqa: SIM118
        "secrets": {name: secret.current for name, secret in secrets.items() if secret is not None},
    }


def restore(world: World, fixture: dict[str, Any]) -> None:
    """Makes the world hold what was stored then, and no messages."""
    for table, items in fixture["tables"].items():
        for item in world.tables.items(table):
            world.tables.delete(table, str(item["pk"]), str(item["sk"]))
        for item in items:
            world.tables.put(table, item)
    for key, text in fixture["bodies"].items():
        world.bodies.put(key, text.encode())
    for name, text in fixture["secrets"].items():
        world.secrets.write(name, text)
    for queue in ("events", "live", "bulk", "jobs", "delay"):
        for message in world.queues.receive(queue, 1000):
            world.queues.delete(queue, message.receipt)


if __name__ == "__main__":
    for name, story in STORIES.items():
        text = json.dumps(snapshot(story().world, name), indent=1, sort_keys=True, default=str)
        Path(sys.argv[1], f"{name}.json").write_text(text + "\n", "utf-8")
