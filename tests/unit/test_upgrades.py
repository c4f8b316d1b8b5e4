"""What an older version has stored keeps working: read, shown, and worked on to its end.

The fixtures in tests/fixtures/stored were written by the version that their folder names, and are never edited. A
change of a stored shape fails the last test here: give what is new a default for items without it (or raise `SCHEMA`
and translate on read), store a fixture written by the version before, and write the shapes anew with

    python -m tests.unit.test_upgrades
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from acumatica_shipbob.flows import PAIR
from acumatica_shipbob.settings import AcumaticaShipBob
from connector.audit import proven_trail
from connector.connection import load_connection
from connector.cursor import read_cursors
from connector.intent import intent_from_item
from connector.message import enqueue, pointer_from
from connector.outcome import Missing
from connector.record import record_from_item
from connector.records import RecordStore
from connector.review import resume
from local.simulators.acumatica.seed import line, order
from tests.support.desk import StageDesk
from tests.support.memory_tables import MemoryTables
from tests.support.stage import NAME, Stage, document, edge_event
from tests.support.toy import Toy
from tests.support.world import World

FOLDER = Path(__file__).resolve().parents[1] / "fixtures/stored"
VERSIONS = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())
SHAPES = FOLDER / "shapes.json"


def stored(version: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / version / f"{name}.json").read_text("utf-8"))
    return found


def restore(world: World, fixture: dict[str, Any]) -> None:
    """Makes the world hold what the older version had stored, and nothing else."""
    for table, items in fixture["tables"].items():
        for item in world.tables.items(table):
            world.tables.delete(table, str(item["pk"]), str(item["sk"]))
        for item in items:
            assert world.tables.put(table, item)
    for queue in ("events", "live", "bulk", "jobs", "delay"):
        for message in world.queues.receive(queue, 1000):
            world.queues.delete(queue, message.receipt)
    for name, secret in fixture["secrets"].items():
        for text in filter(None, (secret["previous"], secret["current"])):
            world.secrets.write(name, text)


def story() -> Stage:
    """What the fixture tells of: two orders sent, one held for its Ship Via, one shipped, a forged push."""
    stage = Stage(tables={"ship_methods": {"GROUND": "Standard", "": "Standard"}})
    stage.subscribe()
    for ship_via, count in (("GROUND", 2), ("GROUND", 2), ("EXPRESS", 1)):
        lines = order("QUILL", line("0041", count), country="US", ShipVia=ship_via)
        stage.acumatica.command("sales_order", lines)
    stage.run(minutes=8)
    stage.shipbob.command("fulfil", {"reference_id": "ACU-SO-SO000001"})
    stage.run(minutes=20, webhooks=True)
    return stage


@pytest.fixture(params=VERSIONS)
def upgraded(request: pytest.FixtureRequest) -> Stage:
    """The vendors as they were then, and the stores as the older version left them."""
    stage = story()
    fixture = stored(request.param, "acumatica_shipbob")
    stage.clock.set(max(stage.clock(), datetime.fromisoformat(fixture["at"])))
    restore(stage.world, fixture)
    stage.restart()
    return stage


def items(stage: Stage, prefix: str) -> Iterator[dict[str, Any]]:
    return (item for item in stage.world.tables.items("records") if str(item["sk"]).startswith(prefix))


# ---- read -----------------------------------------------------------------------------------------------------


def test_there_is_a_fixture_for_every_version_that_is_still_read() -> None:
    assert VERSIONS


def test_records_writes_and_trails_are_read_and_proven(upgraded: Stage) -> None:
    tables = upgraded.world.tables
    records = [record_from_item(item) for item in items(upgraded, "record")]
    assert len(records) > 5
    assert [intent_from_item(item) for item in items(upgraded, "intent#")]
    for record in records:
        lines, broken = proven_trail(tables, record.id, lambda record=record: record.audit_hash)  # type: ignore[misc]
        assert broken is None, record.id
        assert lines


def test_connections_are_read_with_defaults_for_what_is_new(upgraded: Stage) -> None:
    connection = load_connection(upgraded.world.tables, NAME, AcumaticaShipBob)
    assert connection is not None
    assert connection.active
    assert all(connection.enabled(flow.name) for flow in PAIR.flows)
    assert all(connection.quiet_hours(flow.name) == () for flow in PAIR.flows)


def test_polls_go_on_where_they_stood(upgraded: Stage) -> None:
    before = {name: cursor.position for name, cursor in cursors(upgraded).items()}
    assert before["orders"]
    upgraded.run(minutes=10)
    after = cursors(upgraded)
    assert all(after[name].position >= position for name, position in before.items())
    assert all(cursor.failures == 0 for cursor in after.values())


def cursors(stage: Stage) -> dict[str, Any]:
    return read_cursors(stage.world.tables, NAME, [flow.name for flow in PAIR.flows if flow.poll])


@pytest.mark.parametrize("version", VERSIONS)
def test_messages_under_way_are_understood(version: str) -> None:
    queues = stored(version, "acumatica_shipbob")["queues"]
    bodies = [json.loads(message["body"]) for queue in ("live", "bulk", "delay") for message in queues[queue]]
    assert [pointer_from(body).record for body in bodies] == [body["record"] for body in bodies]


# ---- shown ----------------------------------------------------------------------------------------------------


def test_people_see_all_of_it(upgraded: Stage) -> None:
    desk = StageDesk(upgraded)
    for record in upgraded.all_records():
        assert desk.json("records", "show", record.id)["chain_intact"] is True
        assert desk.json("explain", record.id)["records"]
    assert desk.json("connections", "show", NAME)["revision"] == 1
    assert desk.json("connections", "schedule", NAME)
    assert [cause["count"] for cause in desk.json("review", "list", codes=(1,))] == [1]
    status = desk.json("webhooks", "status", NAME, codes=(0, 1))
    assert {row["sender"]: row["quarantined"] for row in status["arrivals"]} == {"acumatica": 1, "shipbob": 0}
    assert desk.json("webhooks", "reverify", NAME, "acumatica")["unproven"] == 1


# ---- worked on to its end -------------------------------------------------------------------------------------


def test_what_was_held_continues_and_nothing_is_sent_twice(upgraded: Stage) -> None:
    assert upgraded.states("orders")["SO/SO000003"] == "held"
    upgraded.apply(document())
    upgraded.run(minutes=30)
    assert set(upgraded.states("orders").values()) == {"done"}
    references = sorted(each["reference_id"] for each in upgraded.shipbob.holdings()["orders"].values())
    assert references == ["ACU-SO-SO000001", "ACU-SO-SO000002", "ACU-SO-SO000003"]
    assert len(upgraded.erp("Shipment")) == 1
    assert upgraded.violations() == []


def test_what_was_sent_is_known_as_sent_when_it_is_replayed(upgraded: Stage) -> None:
    desk = StageDesk(upgraded)
    for number in ("SO000001", "SO000002"):
        desk.json("records", "replay", f"{NAME}/orders/SO/{number}")
    upgraded.run(minutes=10)
    assert len(upgraded.shipbob.holdings()["orders"]) == 2


@pytest.mark.parametrize("version", VERSIONS)
def test_the_kernel_alone_finishes_what_was_begun(version: str) -> None:
    fixture = stored(version, "toy")
    toy = Toy()
    toy.shop.put("A1")
    toy.shop.put("A2", sku="INK")
    toy.run(minutes=4)
    restore(toy.world, fixture)
    toy.clock.set(max(toy.clock(), datetime.fromisoformat(fixture["at"])))
    toy.apply(skus={"PEN": "P-1", "INK": "I-1"})
    store = RecordStore(toy.process)
    resume(toy.process, store, "demo", Missing("skus", "INK"), "upgrade")
    enqueue(toy.process, [])
    toy.run(minutes=8)
    assert toy.states() == {"orders/A1": "done", "orders/A2": "done"}
    assert toy.depot.holds() == {"orders/A1": 1, "orders/A2": 1}
    toy.check()


# ---- nobody changes a stored shape without thinking of what is stored ---------------------------------------------


def shapes(tables: MemoryTables) -> dict[str, list[str]]:
    """Members of every kind of item, those inside `data` with a dot before them."""
    found: dict[str, set[str]] = {}
    for table in ("connections", "records", "events", "audit", "state"):
        for item in tables.items(table):
            place = str(item["pk"]) if table in ("events", "state") else str(item["sk"])
            kind = {"audit": "line"}.get(table, place.split("#")[0].split("/")[0])
            if table == "events":
                kind = "quarantine" if place.startswith("quarantine") else "event"
            members = found.setdefault(f"{table} {kind}", set())
            members |= set(item)
            inside = json.loads(str(item["data"])) if "data" in item else None
            free = table in ("audit", "connections")  # facts of a line, the document and tables of a customer
            members |= {f".{name}" for name in inside} if isinstance(inside, dict) and not free else set()
    return {kind: sorted(members) for kind, members in sorted(found.items())}


def present() -> dict[str, list[str]]:
    """The shapes that this version writes in the story."""
    from acumatica_shipbob.senders import SENDERS
    from connector.edge.receiver import receiver

    stage = story()
    edge = receiver(SENDERS, stage.process, pair="acumatica_shipbob")
    edge(edge_event("acumatica", {"X-MLC-Token": "forged"}, b'{"Inserted":[]}'), None)
    return shapes(stage.world.tables)


def test_a_stored_shape_has_not_changed_unnoticed() -> None:
    assert present() == json.loads(SHAPES.read_text("utf-8")), __doc__


if __name__ == "__main__":
    SHAPES.write_text(json.dumps(present(), indent=2) + "\n", "utf-8")
