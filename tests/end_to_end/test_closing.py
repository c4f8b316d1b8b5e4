"""The closing table finds every kind of difference, and owes nothing to the code that it judges."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.demo import books, closing, ledgers, table
from local.demo.books import Rules
from local.demo.table import differences
from local.simulators.acumatica.seed import line, order
from tests.support.stage import Stage

Holdings = dict[str, Any]
RULES = Rules("ACU", ("SO",), (), {"3PL-WEST": 8}, "FULFILLER")
FOLDER = Path(closing.__file__).parent


@pytest.fixture(scope="module")
def world() -> tuple[Holdings, Holdings]:
    """Both sides after a quiet day: a plain order, a partial one in cases, one that was cancelled, an invoice."""
    accounts = {"Shipping": "54000", "Warehousing Fee": "54100", "Credit": "54000"}
    stage = Stage(tables={"fees": {fee: {"account": account} for fee, account in accounts.items()}})
    for fields in (
        order("QUILL", line("0041", 2), line("Insert Card - A", 2)),
        order("LEVESQUE", line("0041", 2, UOM="CASE")),
        order("YARD", line("0041", 1)),
        order("QUILL", line("0041", 1), WillCall=True),
    ):
        stage.acumatica.command("sales_order", fields)
    stage.run(minutes=5)
    stage.acumatica.command("cancel_order", {"order_nbr": "SO000003"})
    stage.shipbob.command("fulfil", {"reference_id": "ACU-SO-SO000001"})
    parts = [{"lines": [{"sku": "0041", "quantity": 24}]}, {"lines": [{"sku": "0041", "quantity": 24}]}]
    stage.shipbob.command("fulfil", {"reference_id": "ACU-SO-SO000002", "packages": parts, "carrier": "FedEx"})
    stage.run(minutes=30)
    stage.shipbob.command("move", {"reference_id": "ACU-SO-SO000001", "status": "Delivered"})
    stage.shipbob.command("bill_day", {"storage": True, "credit": "2.50"})
    day = stage.clock().date().isoformat()
    stage.shipbob.command("close_invoice", {"date": day, "payment": True})
    stage.run(minutes=7 * 60)
    return stage.acumatica.holdings(), stage.shipbob.holdings()


def found(acumatica: Holdings, shipbob: Holdings) -> list[str]:
    return differences(closing.SIDES, closing.compare(acumatica, shipbob, RULES))


def test_both_sides_agree_after_a_quiet_day(world: tuple[Holdings, Holdings]) -> None:
    acumatica, shipbob = world
    ignored = {"OLD-MUG", "PEN-BLK"}  # not at this warehouse
    left = [text for text in found(acumatica, shipbob) if not any(sku in text for sku in ignored)]
    assert left == []
    shipments = next(it for it in closing.compare(acumatica, shipbob, RULES) if it.title == "Shipments that left")
    assert (shipments.erp, shipments.other) == ("3 in Acumatica", "3 parcels")


def _first(rows: dict[str, Any], **wanted: Any) -> Any:
    return next(row for row in rows.values() if all(row.get(key) == value for key, value in wanted.items()))


def lose_an_order(acumatica: Holdings, shipbob: Holdings) -> None:
    del shipbob["orders"][str(_first(shipbob["orders"], reference_id="ACU-SO-SO000001")["id"])]


def send_an_order_twice(acumatica: Holdings, shipbob: Holdings) -> None:
    shipbob["orders"]["1"] = _first(shipbob["orders"], reference_id="ACU-SO-SO000001")


def send_what_was_not_released(acumatica: Holdings, shipbob: Holdings) -> None:
    known = _first(shipbob["orders"], reference_id="ACU-SO-SO000001")
    shipbob["orders"]["1"] = {**known, "reference_id": "ACU-SO-SO000004"}


def forget_a_cancellation(acumatica: Holdings, shipbob: Holdings) -> None:
    _first(shipbob["orders"], reference_id="ACU-SO-SO000003")["status"] = "Processing"


def send_cases_as_pieces(acumatica: Holdings, shipbob: Holdings) -> None:
    _first(shipbob["orders"], reference_id="ACU-SO-SO000002")["products"][0]["quantity"] = 2


def mistake_the_postal_code(acumatica: Holdings, shipbob: Holdings) -> None:
    _first(shipbob["orders"], reference_id="ACU-SO-SO000001")["recipient"]["address"]["zip_code"] = "98408"


def rename_an_item(acumatica: Holdings, shipbob: Holdings) -> None:
    _first(acumatica["StockItem"], InventoryID="0041")["Description"] = "Something else"


def lose_a_tracking_number(acumatica: Holdings, shipbob: Holdings) -> None:
    del acumatica["Shipment"]["SH000001"]["Packages"][0]["TrackingNbr"]


def write_a_parcel_twice(acumatica: Holdings, shipbob: Holdings) -> None:
    acumatica["Shipment"]["SH000009"] = {**acumatica["Shipment"]["SH000001"], "ShipmentNbr": "SH000009"}


def ship_too_little(acumatica: Holdings, shipbob: Holdings) -> None:
    acumatica["Shipment"]["SH000001"]["Details"][0]["ShippedQty"] = 1.0


def forget_to_confirm(acumatica: Holdings, shipbob: Holdings) -> None:
    acumatica["Shipment"]["SH000001"]["Status"] = "Open"


def write_onto_another_order(acumatica: Holdings, shipbob: Holdings) -> None:
    for row in acumatica["Shipment"]["SH000001"]["Details"]:
        row["OrderNbr"] = "SO000009"


def leave_an_order_open(acumatica: Holdings, shipbob: Holdings) -> None:
    acumatica["SalesOrder"]["SO000001"]["Status"] = "Back Order"


def show_no_tracking(acumatica: Holdings, shipbob: Holdings) -> None:
    acumatica["SalesOrder"]["SO000001"]["note"] = "Leave with the neighbour"


def miss_a_delivery(acumatica: Holdings, shipbob: Holdings) -> None:
    note = acumatica["SalesOrder"]["SO000001"]["note"]
    acumatica["SalesOrder"]["SO000001"]["note"] = note.replace("delivered", "shipped")


def lose_a_unit(acumatica: Holdings, shipbob: Holdings) -> None:
    shipbob["stock"]["8"]["0041"] -= 1


def lose_a_bill(acumatica: Holdings, shipbob: Holdings) -> None:
    del acumatica["Bill"][next(iter(acumatica["Bill"]))]


def book_an_invoice_twice(acumatica: Holdings, shipbob: Holdings) -> None:
    acumatica["Bill"]["X"] = _first(acumatica["Bill"])


def book_a_payment(acumatica: Holdings, shipbob: Holdings) -> None:
    payment = _first(shipbob["invoices"], invoice_type="Payment")
    acumatica["Bill"]["X"] = {**_first(acumatica["Bill"]), "VendorRef": f"SHIPBOB-INV-{payment['invoice_id']}"}


def book_another_amount(acumatica: Holdings, shipbob: Holdings) -> None:
    _first(acumatica["Bill"])["Amount"] += 0.01


def book_a_credit_as_a_bill(acumatica: Holdings, shipbob: Holdings) -> None:
    _first(acumatica["Bill"], Type="Debit Adj.")["Type"] = "Bill"


def buy_a_second_label(acumatica: Holdings, shipbob: Holdings) -> None:
    acumatica["labels_bought_by_plugin"].append({"ShipmentNbr": "SH000001"})


PLANTS: dict[Callable[[Holdings, Holdings], None], str] = {
    lose_an_order: "ACU-SO-SO000001 is missing at ShipBob",
    send_an_order_twice: "ACU-SO-SO000001 is 2 times at ShipBob",
    send_what_was_not_released: "although Acumatica has not released it",
    forget_a_cancellation: "ACU-SO-SO000003 is cancelled in Acumatica and Processing at ShipBob",
    send_cases_as_pieces: "48 x 0041 ordered, 2 x 0041 at ShipBob",
    mistake_the_postal_code: "postal code 98407 in Acumatica, 98408 at ShipBob",
    rename_an_item: "0041 is called",
    lose_a_tracking_number: "is on no Acumatica shipment",
    write_a_parcel_twice: "more than once per warehouse",
    ship_too_little: "Acumatica says",
    forget_to_confirm: "is on SH000001, which is Open",
    write_onto_another_order: "which is for SO-SO000009",
    leave_an_order_open: "has left ShipBob whole and is Back Order in Acumatica",
    show_no_tracking: "0 times",
    miss_a_delivery: "does not show that",
    lose_a_unit: "0041 in 3PL-WEST",
    lose_a_bill: "is on 0 bills",
    book_an_invoice_twice: "is on 2 bills",
    book_a_payment: "has no ShipBob invoice to be paid",
    book_another_amount: "says",
    book_a_credit_as_a_bill: "is -2.5, the Bill",
    buy_a_second_label: "a carrier plug-in bought a label",
}


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
def test_a_planted_difference_is_listed(
    world: tuple[Holdings, Holdings], plant: Callable[[Holdings, Holdings], None]
) -> None:
    before = found(*world)
    acumatica, shipbob = copy.deepcopy(world)
    plant(acumatica, shipbob)
    new = [text for text in found(acumatica, shipbob) if text not in before]
    assert any(PLANTS[plant] in text for text in new), new


def imports_of(module: Path) -> set[str]:
    """Every module that a file names in an import."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


@pytest.mark.parametrize("module", [closing, ledgers, books, table])
def test_the_table_knows_nothing_of_the_connector(module: Any) -> None:
    ours = {name for name in imports_of(Path(module.__file__)) if name.startswith("local.")}
    known = ("local.demo.books", "local.demo.ledgers", "local.demo.table")
    assert all(name == "local.demo" or name.startswith(known) for name in ours)
    roots = {name.split(".")[0] for name in imports_of(Path(module.__file__))}
    assert not roots & {"connector", "vendors", "acumatica_shipbob", "cli"}
    assert imports_of(FOLDER / "__init__.py") == set()
