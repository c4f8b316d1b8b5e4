"""Two connections that share one NetSuite account and one ShipBob account: neither touches what is the other's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from connector.connection import load_connection
from connector.outcome import Missing
from connector.record import Record, record_from_item
from local.simulators.netsuite import DEFAULT_CLIENT
from local.simulators.shipbob.simulator import DEFAULT_PAT
from netsuite_shipbob.flows import PAIR
from netsuite_shipbob.settings import NetSuiteShipBob
from tests.flow.test_netsuite_books import lines
from tests.support.desk import StageDesk
from tests.support.netsuite_stage import CENTRE, OTHER_CENTRE, OTHER_PLACE, PLACE, NetSuiteStage, document, key
from tests.support.stage import NAME

WEST = "west"
HERE = {"locations": {PLACE: {"location_id": CENTRE}}}
THERE = {"locations": {OTHER_PLACE: {"location_id": OTHER_CENTRE}}}
NO_CHARGES = {"charges": {"enabled": False}}


class Two(NetSuiteStage):
    """East maps one place and books the invoices, west maps the other."""

    def __init__(self, west: dict[str, Any] | None = None, **east: Any) -> None:
        super().__init__(tables=HERE, **east)
        made = key()
        erp = {"client_id": DEFAULT_CLIENT, "private_key": made.private_key, "certificate": made.certificate}
        self.world.secrets.write(f"{WEST}/netsuite", json.dumps(erp))
        self.world.secrets.write(f"{WEST}/shipbob", json.dumps({"token": DEFAULT_PAT}))
        self.apply({**document(tables=THERE, **NO_CHARGES, **(west or {})), "connection": WEST})
        self.shipbob.command("seed_location", {"id": OTHER_CENTRE, "name": "West", "is_receiving_enabled": True})
        for place, centre in ((PLACE, CENTRE), (OTHER_PLACE, OTHER_CENTRE)):
            self.netsuite.command("seed_stock", {"sku": "TEE", "location": place, "quantity": 100})
            self.shipbob.command("seed_stock", {"sku": "TEE", "location_id": centre, "quantity": 100})

    def of(self, connection: str, stream: str = "") -> list[Record]:
        items = [item for item in self.world.tables.items("records") if item["sk"] == "record"]
        found = [record_from_item(item) for item in items]
        return [each for each in found if each.connection == connection and stream in ("", each.stream)]

    def unsettled(self) -> list[str]:
        found = [*self.of(NAME), *self.of(WEST)]
        return [f"{each.id}: {each.why}" for each in found if each.status.value != "done"]


def test_a_purchase_order_of_both_is_expected_and_received_once_at_each_place() -> None:
    stage = Two()
    rows = [{"sku": "TEE", "quantity": 5}, {"sku": "TEE", "quantity": 5, "location": OTHER_PLACE}]
    stage.purchase_order(lines=rows)
    stage.run(minutes=5)
    orders = {each["fulfillment_center"]["id"]: each["purchase_order_number"] for each in stage.receiving_orders()}
    assert sorted(orders) == [CENTRE, OTHER_CENTRE]
    assert len(set(orders.values())) == 2
    for number in orders.values():
        stage.stow(str(number))
        stage.complete(str(number))
    stage.run(minutes=40)
    assert sorted(lines(each)["TEE"] for each in stage.ours("itemReceipt")) == [5, 5]
    assert (stage.on_hand("TEE"), stage.on_hand("TEE", OTHER_PLACE)) == (105, 105)
    assert stage.unsettled() == []


def test_an_order_that_leaves_both_places_is_fulfilled_once_from_each_and_returns_to_one() -> None:
    stage = Two()
    sold = stage.sales_order(("TEE", 4))
    first = stage.order_at_shipbob(sold["tran_id"], ("TEE", 3))
    second = stage.order_at_shipbob(sold["tran_id"], ("TEE", 1), location=OTHER_CENTRE, again="-2")
    for number in (first, second):
        stage.shipbob.command("fulfil", {"order_id": number})
    stage.run(minutes=40)
    made = stage.ours("itemFulfillment")
    assert sorted((each["item"][0]["location"], each["item"][0]["quantity"]) for each in made) == [
        (PLACE, 3), (OTHER_PLACE, 1),
    ]  # fmt: skip
    shipments = stage.shipbob.holdings()["shipments"]
    for shipment in shipments:
        came = stage.shipbob.command("announce_stray_return", {"shipment_id": shipment})
        done = [{"sku": "TEE", "action": "Restock", "quantity": 1}]
        stage.shipbob.command("process_return", {"return_id": came, "step": "complete", "actions": done})
    stage.run(minutes=90)
    assert [lines(each) for each in stage.ours("returnAuthorization")] == [{"TEE": 1}, {"TEE": 1}]
    assert (stage.on_hand("TEE"), stage.on_hand("TEE", OTHER_PLACE)) == (98, 100)
    assert stage.unsettled() == []
    for name in (NAME, WEST):
        (report,) = StageDesk(stage).json("reconcile", name)
        assert [kind["differences"] for kind in report["kinds"] if kind["kind"] != "stock"] == [[]] * 4, name


def test_what_waits_for_the_mapping_of_a_centre_goes_on_when_another_connection_maps_it() -> None:
    stage = NetSuiteStage(tables=HERE)
    missing = Missing("centres", str(OTHER_CENTRE))

    def goes_on() -> bool:
        connection = load_connection(stage.process.tables, NAME, NetSuiteShipBob)
        assert connection is not None
        return PAIR.available(stage.process, connection, missing)

    assert not goes_on()
    stage.apply({**document(tables=THERE, **NO_CHARGES), "connection": WEST})
    assert goes_on()


def test_an_invoice_is_booked_by_the_one_that_books_invoices() -> None:
    stage = Two()
    stage.shipbob.command("add_charge", {"fee": "Shipping", "amount": "7.10", "invoice_type": "Shipping"})
    stage.shipbob.command("close_invoice", {"date": "2026-03-02"})
    stage.run(minutes=60 * 7)
    assert len(stage.ours("vendorBill")) == 1
    assert stage.of(WEST, "charges") == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"tables": HERE}, "both map location 6 of NetSuite account"),
        ({"tables": {"locations": {OTHER_PLACE: {"location_id": CENTRE}}}}, "both map fulfilment centre 8"),
        ({"charges": {"enabled": True}}, "both would book ShipBob's invoices"),
        ({"shipments": {"mode": "so_custom_fields", "tracking_field": "custbody_t"}}, "shows all parcels of an order"),
        (
            {"orders": {"enabled": True}, "shipments": {"order_name": "reference_id", "order_prefix": "NS-"}},
            "sends orders itself",
        ),
    ],
)
def test_what_cannot_be_told_apart_is_refused(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    stage = NetSuiteStage(tables=HERE)
    file = tmp_path / "west.json"
    file.write_text(json.dumps({**document(**{"tables": THERE, **NO_CHARGES, **changes}), "connection": WEST}))
    for more in ((), ("--dry-run",)):
        result = StageDesk(stage).run("connections", "apply", str(file), *more)
        assert result.exit_code != 0
        said = " ".join(result.output.split())
        assert words in said
        assert f"clashes with connection {NAME}" in said


def test_two_shipbob_accounts_are_no_clash_and_the_doctor_tells_of_one_that_slipped_by(tmp_path: Path) -> None:
    stage = Two()
    found = StageDesk(stage).json("doctor", WEST, codes=(0, 1))
    assert ["name the ShipBob account" in each["fix"] for each in found if each["check"] == f"connection {NAME}"] == [
        True
    ]
    stage.apply({**document(tables={"locations": {OTHER_PLACE: {"location_id": CENTRE}}}), "connection": WEST})
    found = StageDesk(stage).json("doctor", WEST, codes=(0, 1))
    bad = [each["what"] for each in found if each["check"] == f"connection {NAME}" and each["severity"] == "error"]
    assert [text.split(":")[0] for text in bad] == [
        "both map fulfilment centre 8 of one ShipBob account", "both would book ShipBob's invoices",
    ]  # fmt: skip
    raw = document(tables={"locations": {OTHER_PLACE: {"location_id": CENTRE}}})
    raw["systems"]["shipbob"]["account"] = "second"
    east = document(tables=HERE)
    east["systems"]["shipbob"]["account"] = "first"
    stage.apply(east)
    file = tmp_path / "west.json"
    file.write_text(json.dumps({**raw, "connection": WEST}))
    assert StageDesk(stage).run("connections", "apply", str(file)).exit_code == 0
