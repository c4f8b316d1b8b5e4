"""The pair Dynamics GP - ShipBob as the kernel sees it: doorbells, what is available, who may set what."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from connector.connection import Connection, InvalidConnection, parse_document
from connector.outcome import Missing
from connector.pair import RawEvent
from dynamicsgp_shipbob.flows import PAIR, available, shipbob_doorbells
from dynamicsgp_shipbob.settings import DynamicsGpShipBob
from dynamicsgp_shipbob.words import DEEDS
from tests.support.gp_stage import document
from tests.support.world import World

EVENTS = Path(__file__).resolve().parents[2] / "events" / "shipbob"


def connection(**changes: Any) -> Connection:
    return Connection("demo", PAIR.name, "active", 1, parse_document(document(**changes), DynamicsGpShipBob))


def ring(topic: str, body: Any) -> list[tuple[str, str]]:
    event = RawEvent("demo", "shipbob", "msg_1", topic, "2026-03-02T14:05:09Z", body)
    return [(bell.stream, bell.seen.source_key) for bell in shipbob_doorbells(connection(), event)]


def body_of(path: Path) -> tuple[str, Any]:
    """Topic and parsed body of an example."""
    found = json.loads(path.read_text("utf-8"))
    headers = {name.lower(): value for name, value in found["headers"].items()}
    raw = base64.b64decode(found["body"]) if found.get("isBase64Encoded") else found["body"]
    return headers["x-webhook-topic"], json.loads(raw) if isinstance(raw, str | bytes) else raw


GOOD = sorted(path for kind in ("order", "return", "wro", "billing") for path in EVENTS.glob(f"{kind}.*.json"))


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.name)
def test_every_example_of_shipbob_is_understood_or_not_for_us(path: Path) -> None:
    topic, body = body_of(path)
    rung = ring(topic, body)
    if topic.startswith("order."):
        assert [stream for stream, _ in rung] == ["shipments"]
    elif topic.startswith("return."):
        assert [stream for stream, _ in rung] == ["returns"]
    else:
        assert rung == []


def test_an_enveloped_event_is_opened_and_one_without_a_number_is_unreadable() -> None:
    assert ring("order.shipment.delivered", {"data": {"id": 1, "order_id": 337200001}}) == [("shipments", "337200001")]
    for body in ({}, {"id": "x"}, {"order_id": None}):
        with pytest.raises(ValueError, match="names nothing"):
            ring("order.shipped", body)


@pytest.mark.parametrize(
    ("missing", "there"),
    [
        (Missing("channels", "433700"), True), (Missing("channels", "1"), False), (Missing("items", "CORD-12"), True),
        (Missing("methods", "Standard"), True), (Missing("sites", "8"), True), (Missing("sites", "77"), False),
        (Missing("dispositions", "restock"), True), (Missing("dispositions", "Burn"), False),
        (Missing("gp item", "accs-crd-12wh"), True), (Missing("gp item", "X"), False),
        (Missing("sent order", "1"), False), (Missing("nonsense", "1"), False),
    ],
)  # fmt: skip
def test_what_a_held_record_waits_for_is_looked_up(world: World, missing: Missing, there: bool) -> None:
    assert available(world.services, connection(), missing) is there


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"orders": {"prefix": "TOOLONG"}}, "settings.orders.prefix"),
        ({"orders": {"prefix": "SBR"}}, "must differ"),
        ({"orders": {"batch": "A BATCH WITH A LONG NAME"}}, "settings.orders.batch"),
        ({"shipments": {"draft": "invoice"}}, "draft_document_type: needed for drafts"),
        ({"tables": {"sites": {"8": "ELEVENCHARS"}}}, "tables.sites"),
        ({"returns": {"dispositions": {"Restock": "lost"}}}, "settings.returns.dispositions"),
        ({"gp": {"url": "http://gp/DynamicsGPWebServices"}}, "must use https"),
    ],
)
def test_a_file_that_cannot_work_is_refused_by_name(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidConnection, match=words):
        connection(**changes)


def test_every_flow_and_write_has_words() -> None:
    assert {flow.name for flow in PAIR.flows} == {"orders", "shipments", "tracking", "movements", "stock", "returns"}
    assert all(deed.does and deed.what for deed in DEEDS.values())
