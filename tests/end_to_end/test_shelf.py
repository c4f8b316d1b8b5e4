"""The closing table of NetSuite and ShipBob finds every kind of difference, and owes nothing to the code it judges."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.demo import replenishment, shelf
from local.demo.companies import netsuite
from local.demo.companies.netsuite import CENTRES, NetSuiteCompany, lay_out
from local.demo.table import differences
from local.demo.watch import Seen, View, view_of
from local.sample.connection import sample_netsuite_connection
from tests.end_to_end.test_closing import imports_of
from tests.support import netsuite_stage
from tests.support.netsuite_stage import NETSUITE_URL, SHIPBOB_URL, NetSuiteStage
from tests.support.stage import NAME

Holdings = dict[str, Any]


def played() -> tuple[Holdings, Holdings, list[str]]:
    """The act from its first scene to its last, in virtual time, with the sample file."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(netsuite_stage, "seed_company", lambda erp, warehouse: None)
        stage = NetSuiteStage()
        company = NetSuiteCompany(stage.netsuite, stage.shipbob, NETSUITE_URL, SHIPBOB_URL)
        lay_out(stage.netsuite, stage.shipbob)
        document = sample_netsuite_connection(NETSUITE_URL, SHIPBOB_URL, stage.clock())
        document["systems"]["netsuite"]["algorithm"] = "PS256"  # that of the stage's key
        stage.apply({**document, "connection": NAME})
        stage.subscribe()
        patch.setattr(replenishment, "clock", stage.clock)
        said: list[str] = []
        act = replenishment.ReplenishmentAct(company, said.append)
        for _ in range(60):
            stage.run(minutes=0.5, webhooks=True)
            act.step(0.0, seen_on(stage))
            if act.plot.over():
                break
        stage.run(minutes=5, webhooks=True)
        assert act.plot.open_ends() == []
        return stage.netsuite.holdings(), stage.shipbob.holdings(), said


def seen_on(stage: NetSuiteStage) -> View:
    return view_of([Seen(it.stream, it.source_key, it.status.value, it.why) for it in stage.all_records()])


@pytest.fixture(scope="module")
def world() -> tuple[Holdings, Holdings, list[str]]:
    return played()


def found(books: Holdings, warehouse: Holdings) -> list[str]:
    return differences(shelf.SIDES, shelf.compare(books, warehouse, CENTRES))


def test_both_sides_agree_at_the_end_of_the_act(world: tuple[Holdings, Holdings, list[str]]) -> None:
    books, warehouse, said = world
    assert found(books, warehouse) == []
    lines = {line.title: line for line in shelf.compare(books, warehouse, CENTRES)}
    assert all(line.erp == line.other for line in lines.values())
    assert lines["Units stowed and received"].erp == "244"
    assert lines["Units in parcels"].erp == "6"
    assert lines["Units returned to the shelf"].erp == "1"
    assert float(lines["Invoices in dollars"].erp) > 0
    assert len(said) == 7


def of(books: Holdings, kind: str) -> list[dict[str, Any]]:
    rows = books["transactions"][kind]
    assert isinstance(rows, list)
    return rows


def expect_twice(books: Holdings, warehouse: Holdings) -> None:
    order = next(it for it in warehouse["receiving"].values() if it["status"] != "Cancelled")
    warehouse["receiving"]["1"] = {**order, "id": 1}


def expect_nothing(books: Holdings, warehouse: Holdings) -> None:
    for order in warehouse["receiving"].values():
        order["status"] = "Cancelled"


def receive_twice(books: Holdings, warehouse: Holdings) -> None:
    of(books, "itemReceipt").append(copy.deepcopy(of(books, "itemReceipt")[0]))


def receive_less(books: Holdings, warehouse: Holdings) -> None:
    of(books, "itemReceipt")[0]["item"][0]["quantity"] -= 1


def fulfil_twice(books: Holdings, warehouse: Holdings) -> None:
    of(books, "itemFulfillment").append(copy.deepcopy(of(books, "itemFulfillment")[0]))


def lose_a_number(books: Holdings, warehouse: Holdings) -> None:
    of(books, "itemFulfillment")[0]["tracking_numbers"] = []


def return_too_much(books: Holdings, warehouse: Holdings) -> None:
    back = next(it for it in of(books, "itemReceipt") if it["source_number"].startswith("RMA"))
    back["item"][0]["quantity"] += 1


def miscount(books: Holdings, warehouse: Holdings) -> None:
    books["on_hand"]["TEE-BLK-M"]["6"] += 1


def miscount_there(books: Holdings, warehouse: Holdings) -> None:
    warehouse["stock"]["133"]["TOTE-01"] -= 1


def bill_twice(books: Holdings, warehouse: Holdings) -> None:
    of(books, "vendorBill").append(copy.deepcopy(of(books, "vendorBill")[0]))


def bill_a_cent_less(books: Holdings, warehouse: Holdings) -> None:
    of(books, "vendorBill")[0]["total"] -= 0.01


def bill_a_payment(books: Holdings, warehouse: Holdings) -> None:
    payment = next(it for it in warehouse["invoices"].values() if it["invoice_type"] == "Payment")
    bill = {**of(books, "vendorBill")[0], "tranId": f"SHIPBOB-{payment['invoice_id']}", "total": payment["amount"]}
    of(books, "vendorBill").append(bill)


def adjust(books: Holdings, warehouse: Holdings) -> None:
    of(books, "inventoryAdjustment").append({"externalId": "SB-IA-1"})


def misspell(books: Holdings, warehouse: Holdings) -> None:
    books["warnings"].append("vendorBill: unknown property memmo")


@pytest.mark.parametrize(
    ("change", "title"),
    [
        (expect_twice, "Units ordered and expected"),
        (expect_nothing, "Units ordered and expected"),
        (receive_twice, "Units stowed and received"),
        (receive_less, "Units stowed and received"),
        (fulfil_twice, "Units in parcels"),
        (lose_a_number, "Units in parcels"),
        (return_too_much, "Units returned to the shelf"),
        (miscount, "Units on the shelf"),
        (miscount_there, "Units on the shelf"),
        (bill_twice, "Invoices in dollars"),
        (bill_a_cent_less, "Invoices in dollars"),
        (bill_a_payment, "Invoices in dollars"),
        (adjust, "Requests no vendor knows"),
        (misspell, "Requests no vendor knows"),
    ],
)
def test_every_kind_of_difference_is_found(
    world: tuple[Holdings, Holdings, list[str]], change: Callable[[Holdings, Holdings], None], title: str
) -> None:
    books, warehouse, _ = copy.deepcopy(world)
    change(books, warehouse)
    assert any(f", {title}: " in text for text in found(books, warehouse))


def test_the_table_imports_nothing_of_the_connector() -> None:
    for module in (shelf, netsuite, replenishment):
        assert module.__file__
        names = imports_of(Path(module.__file__))
        assert not [name for name in names if name.split(".")[0] in ("connector", "vendors", "netsuite_shipbob")]


def test_an_adjustment_by_hand_shows_on_the_shelf_alone(world: tuple[Holdings, Holdings, list[str]]) -> None:
    books, warehouse, _ = copy.deepcopy(world)
    of(books, "inventoryAdjustment").append({"by_hand": True})
    books["on_hand"]["TEE-BLK-M"]["6"] -= 3
    assert [text.split(": ")[0] for text in found(books, warehouse)] == ["NetSuite and ShipBob, Units on the shelf"]
