"""Sales documents: GP's rules one by one, silent cuts, prices, stock, and what GP users do to an order."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from local.simulators.dynamics_gp import Switches
from tests.simulators.gp_bench import Bench, amount, change, dollars, line

CORD, PHONE = "ACCS-CRD-12WH", "PHON-ATT-53BL"
FIRST, SECOND = 16384, 32768


@pytest.fixture
def bench() -> Bench:
    return Bench()


def saved(bench: Bench, **changes: Any) -> dict[str, Any]:
    """Creates the usual order and answers it as GP shows it."""
    bench.ask("CreateSalesOrder", bench.order(**changes))
    return dict(bench.ask("GetSalesOrderByKey", {"Id": "SB1"}))


def without(order: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in order.items() if name not in names}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


# ---- what a saved order looks like


def test_gp_fills_in_what_was_left_out(bench: Bench) -> None:
    order = saved(bench)

    assert order["TransactionState"] == "Work"
    assert order["Date"] == at("2026-11-25")
    assert order["CustomerName"] == "Aaron Fitz Electrical"
    assert order["BatchKey"]["Id"] == "SHIPBOB"
    assert (order["ModifiedDate"], order["CreatedDate"]) == (at("2026-11-25T14:00"), at("2026-11-25"))
    assert [each["Key"]["LineSequenceNumber"] for each in order["Lines"]] == [FIRST, SECOND]
    assert order["Lines"][0]["ItemDescription"] == "Phone Cord - 12' White"
    assert order["Lines"][0]["UofM"] == "Each"
    assert (order["LineTotalAmount"]["Value"], order["TotalAmount"]["Value"]) == (
        dollars("109.85")["Value"],
        dollars("109.85")["Value"],
    )


def test_freight_tax_and_discounts_are_in_the_total(bench: Bench) -> None:
    order = saved(bench, FreightAmount=dollars("5.95"), TaxAmount=dollars("2.00"), DiscountAmount=dollars("1.00"))
    assert str(order["TotalAmount"]["Value"]) == "116.80"


def test_an_empty_number_takes_the_next_one_and_tells_nobody(bench: Bench) -> None:
    bench.ask("CreateSalesOrder", without(bench.order(), "Key"))
    bench.ask("CreateSalesOrder", bench.order(""))
    assert sorted(row["number"] for row in bench.sim.holdings()["sales"]) == ["ORDST1001", "ORDST1002"]


def test_an_empty_batch_is_named_after_the_hour(bench: Bench) -> None:
    order = saved(bench, BatchKey={"CreatedDateTime": at("1900-01-01")})
    assert order["BatchKey"]["Id"] == "20261125H14"


def test_long_strings_are_cut_without_a_word(bench: Bench) -> None:
    address = {"Line1": "L" * 70, "City": "C" * 40, "PostalCode": "1234567890123", "Name": "N" * 70}
    bench.ask("CreateSalesOrder", bench.order("SB" + "1" * 18, CustomerPONumber="P" * 25, ShipToAddress=address))
    held = bench.held("SB" + "1" * 15)

    assert held["po_number"] == "P" * 20
    kept = held["fields"]["ShipToAddress"]
    assert {name: len(text) for name, text in kept.items()} == {"Line1": 60, "City": 35, "PostalCode": 10, "Name": 64}
    assert len(bench.sim.holdings()["cut"]) == 6


def test_a_cut_number_can_meet_another_order(bench: Bench) -> None:
    bench.ask("CreateSalesOrder", bench.order("SB123456789012345"))
    assert "already exists" in bench.fault("CreateSalesOrder", bench.order("SB1234567890123456")).text


# ---- prices


def test_gp_takes_its_own_prices_unless_the_administrator_says_otherwise(bench: Bench) -> None:
    lines = [line(CORD, 2, UnitPrice=dollars("5.00"))]
    assert str(saved(bench, Lines=lines)["TotalAmount"]["Value"]) == "19.90"

    chosen = {"operation": "CreateSalesOrder", "behavior": "Calculate Unit Price Behavior", "option": 0}
    bench.sim.command("set_policy", chosen)
    bench.ask("CreateSalesOrder", bench.order("SB2", Lines=lines))
    assert bench.held("SB2")["total"] == "10.00"


def test_a_unit_of_measure_has_its_factor(bench: Bench) -> None:
    bench.sim.command(
        "add_item",
        {"number": "TAPE", "description": "Tape", "units": {"Case": 12}, "price": "1.50", "stock": {"WAREHOUSE": 30}},
    )
    order = saved(bench, Lines=[line("TAPE", 2, UofM="Case")])
    assert str(order["TotalAmount"]["Value"]) == "36.00"
    assert bench.stock("TAPE")["allocated"] == "24"


# ---- S: the rules


RULES: list[tuple[str, dict[str, Any], str]] = [
    ("S2", {"DocumentTypeKey": {"Type": "Order", "Id": "NOPE"}}, "DocumentTypeKey NOPE does not exist"),
    ("S2 type", {"DocumentTypeKey": {"Type": "Invoice", "Id": "STDINV"}}, "DocumentTypeKey STDINV does not exist"),
    ("S3", {"CustomerKey": {"Id": "NOBODY"}}, "CustomerKey does not exist"),
    ("S5 site", {"WarehouseKey": {"Id": "MOON"}}, "WarehouseKey MOON does not exist"),
    ("S5 method", {"ShippingMethodKey": {"Id": "ROCKET"}}, "ShippingMethodKey ROCKET does not exist"),
    ("S5 line", {"Lines": [line(CORD, 1, WarehouseKey={"Id": "MOON"})]}, "WarehouseKey MOON does not exist"),
    ("S6", {"CurrencyKey": {"ISOCode": "EUR"}}, "CurrencyKey EUR is not set up"),
    ("S7", {"Date": at("2026-11-25T10:00:00")}, "midnight"),
    ("S8 negative", {"FreightAmount": dollars("-1")}, "cannot be negative"),
    ("S8 currency", {"TaxAmount": {**dollars("1"), "Currency": "EUR"}}, "currency of the document"),
    ("S8 decimals", {"FreightAmount": dollars("1.005")}, "more than 2 decimals"),
    ("S9", {"Lines": [line("NOTHING", 1)]}, "ItemKey NOTHING does not exist"),
    ("S11", {"Lines": [{"ItemKey": {"Id": CORD}}]}, "Quantity is required"),
    ("S12 zero", {"Lines": [line(CORD, 0)]}, "greater than zero"),
    ("S12 digits", {"Lines": [{"ItemKey": {"Id": CORD}, "Quantity": amount(1, 6)}]}, "between 0 and 5"),
    ("S12 decimals", {"Lines": [{"ItemKey": {"Id": CORD}, "Quantity": amount("1.5")}]}, "more than 0 decimals"),
    ("S13", {"Lines": [{"ItemKey": {"Id": CORD}, "Quantity": amount("1.5", 1)}]}, "sold with 0 decimals"),
    ("S14", {"Lines": [line(CORD, 1, UofM="Pallet")]}, "UofM Pallet is not in the schedule"),
    ("S15", {"Lines": [line(CORD, 1, QuantityCanceled=amount(2))]}, "do not add up"),
    (
        "S20",
        {"Lines": [line(CORD, 1, Key={"LineSequenceNumber": 5}), line(PHONE, 1, Key={"LineSequenceNumber": 5})]},
        "The line 5 is repeated",
    ),
    ("S21", {"TrackingNumbers": [{"Key": {"Id": "1Z1"}}, {"Key": {"Id": "1Z1"}}]}, "empty or repeated"),
    ("S21 empty", {"TrackingNumbers": [{"Key": {"Id": ""}}]}, "empty or repeated"),
]


@pytest.mark.parametrize(("changes", "text"), [rule[1:] for rule in RULES], ids=[rule[0] for rule in RULES])
def test_s_a_broken_rule_is_a_validation_exception_and_nothing_is_saved(
    bench: Bench, changes: dict[str, Any], text: str
) -> None:
    assert text in bench.problems("CreateSalesOrder", bench.order(**changes))
    assert bench.sim.holdings()["sales"] == []
    assert bench.stock()["allocated"] == "0"


@pytest.mark.parametrize("name", ["DocumentTypeKey", "CustomerKey", "BatchKey"])
def test_s1_document_id_customer_and_batch_are_required(bench: Bench, name: str) -> None:
    assert f"{name} is required" in bench.problems("CreateSalesOrder", without(bench.order(), name))


def test_s4_an_inactive_customer_buys_nothing(bench: Bench) -> None:
    bench.sim.command("add_customer", {"id": "AARONFIT0001", "name": "Aaron", "active": False})
    assert "is inactive" in bench.problems("CreateSalesOrder", bench.order())


def test_s10_a_discontinued_item_is_not_sold(bench: Bench) -> None:
    bench.sim.command("change_item", {"number": CORD, "discontinued": True})
    assert "is discontinued" in bench.problems("CreateSalesOrder", bench.order())


def test_s17_an_item_without_back_orders_is_refused_when_short(bench: Bench) -> None:
    bench.sim.command("change_item", {"number": CORD, "back_orders": False})
    assert "4776" in bench.problems("CreateSalesOrder", bench.order(Lines=[line(CORD, 101)]))


def test_s18_no_more_is_fulfilled_than_allocated(bench: Bench) -> None:
    lines = [line(CORD, 101, QuantityFulfilled=amount(101))]
    assert "more than the allocated quantity 100" in bench.problems("CreateSalesOrder", bench.order(Lines=lines))


def test_s19_numbers_of_a_strict_document_id_are_gps_own(bench: Bench) -> None:
    bench.sim.command("add_document_type", {"type": "Order", "id": "OWN", "may_override_numbers": False})
    order = bench.order(DocumentTypeKey={"Type": "Order", "Id": "OWN"})
    assert "cannot be overridden" in bench.problems("CreateSalesOrder", order)
    bench.ask("CreateSalesOrder", without(order, "Key"))


def test_s31_a_number_is_used_once_for_a_type_voided_or_not(bench: Bench) -> None:
    saved(bench)
    assert bench.fault("CreateSalesOrder", bench.order()).text == "SalesDocumentKey already exists."
    bench.ask("VoidSalesOrder", {"Id": "SB1"})
    assert bench.fault("CreateSalesOrder", bench.order()).text == "SalesDocumentKey already exists."
    bench.ask("CreateSalesInvoice", bench.order(DocumentTypeKey={"Type": "Invoice", "Id": "STDINV"}))  # its own type


def test_several_broken_rules_come_together(bench: Bench) -> None:
    text = bench.problems("CreateSalesOrder", bench.order(Lines=[line("NOTHING", 1), line(CORD, 0)]))
    assert text.count("|") == 1


# ---- stock and shortage


def test_an_order_allocates_and_what_is_short_is_back_ordered(bench: Bench) -> None:
    order = saved(bench, Lines=[line(CORD, 103)])
    row = order["Lines"][0]
    assert [int(row[name]["Value"]) for name in ("Quantity", "QuantityToInvoice", "QuantityToBackorder")] == [
        103,
        100,
        3,
    ]
    assert [int(row[name]["Value"]) for name in ("QuantityAllocated", "QuantityFulfilled")] == [100, 0]
    assert {name: bench.stock()[name] for name in ("allocated", "back_ordered", "available", "on_hand")} == {
        "allocated": "100",
        "back_ordered": "3",
        "available": "0",
        "on_hand": "100",
    }


@pytest.mark.parametrize(
    ("option", "wanted"),
    [
        (1, (100, 100, 100, 0, 0)),
        (2, (103, 103, 103, 0, 0)),
        (3, (103, 0, 0, 103, 0)),
        (5, (103, 0, 0, 0, 103)),
        (6, (103, 100, 100, 0, 3)),
    ],
)
def test_the_caller_chooses_what_a_shortage_means(bench: Bench, option: int, wanted: tuple[int, ...]) -> None:
    policy = bench.ask("GetPolicyByOperation", "CreateSalesOrder")
    shortage = next(each for each in policy["Behaviors"] if each["Name"] == "Quantity Shortage Behavior")
    shortage["SelectedOption"]["Key"]["Id"] = option
    bench.ask("CreateSalesOrder", bench.order(Lines=[line(CORD, 103)]), policy=policy)
    row = bench.held()["fields"]["Lines"][0]
    names = ("Quantity", "QuantityToInvoice", "QuantityAllocated", "QuantityToBackorder", "QuantityCanceled")
    assert tuple(int(row[name]["Value"]) for name in names) == wanted


def test_a_document_id_may_allocate_nothing_or_fulfil_at_once(bench: Bench) -> None:
    bench.sim.command("add_document_type", {"type": "Order", "id": "LATER", "allocates": False})
    bench.sim.command("add_document_type", {"type": "Order", "id": "AT ONCE", "separate_fulfillment": False})
    bench.ask("CreateSalesOrder", bench.order("SB1", DocumentTypeKey={"Type": "Order", "Id": "LATER"}))
    bench.ask("CreateSalesOrder", bench.order("SB2", DocumentTypeKey={"Type": "Order", "Id": "AT ONCE"}))

    rows = [bench.held(number)["fields"]["Lines"][0] for number in ("SB1", "SB2")]
    names = ("QuantityAllocated", "QuantityFulfilled")
    assert [tuple(row[name]["Value"] for name in names) for row in rows] == [("0", "0"), ("2", "2")]


# ---- updates


def test_an_update_changes_what_it_names_and_leaves_the_rest(bench: Bench) -> None:
    before = saved(bench)
    bench.wait(minutes=5)
    update = {
        "Key": {"Id": "SB1"},
        "TrackingNumbers": [{"Key": {"Id": "1Z999"}}],
        "Lines": [change(FIRST, QuantityFulfilled=amount(2), ActualShipDate=at("2026-11-25"))],
    }
    bench.ask("UpdateSalesOrder", update)
    after = bench.ask("GetSalesOrderByKey", {"Id": "SB1"})

    assert [each["Key"]["Id"] for each in after["TrackingNumbers"]] == ["1Z999"]
    assert int(after["Lines"][0]["QuantityFulfilled"]["Value"]) == 2
    assert after["Lines"][0]["ActualShipDate"] == at("2026-11-25")
    assert after["Lines"][1] == before["Lines"][1]
    assert after["ModifiedDate"] == at("2026-11-25T14:05")
    assert without(after, "Lines", "TrackingNumbers", "ModifiedDate", "LastModifiedDate") == without(
        before, "Lines", "ModifiedDate", "LastModifiedDate"
    )


def test_addresses_and_user_fields_merge(bench: Bench) -> None:
    saved(bench, ShipToAddress={"Line1": "1 Elm", "City": "York"}, UserDefined={"Text01": "a"})
    update = {"Key": {"Id": "SB1"}, "ShipToAddress": {"City": "Leeds"}, "UserDefined": {"Text02": "b"}}
    bench.ask("UpdateSalesOrder", update)
    fields = bench.held()["fields"]
    assert fields["ShipToAddress"] == {"Line1": "1 Elm", "City": "Leeds"}
    assert fields["UserDefined"] == {"Text01": "a", "Text02": "b"}


def test_another_quantity_allocates_anew_and_a_deleted_line_gives_back(bench: Bench) -> None:
    saved(bench)
    bench.ask("UpdateSalesOrder", {"Key": {"Id": "SB1"}, "Lines": [change(FIRST, Quantity=amount(5))]})
    assert bench.stock()["allocated"] == "5"
    bench.ask("UpdateSalesOrder", {"Key": {"Id": "SB1"}, "Lines": [change(FIRST, DeleteOnUpdate=True)]})
    assert bench.stock()["allocated"] == "0"
    assert [each["ItemKey"]["Id"] for each in bench.held()["fields"]["Lines"]] == [PHONE]


def test_an_unknown_line_number_is_a_new_line(bench: Bench) -> None:
    saved(bench)
    bench.ask("UpdateSalesOrder", {"Key": {"Id": "SB1"}, "Lines": [line("ACCS-HDS-1EAR", 1)]})
    assert [each["Key"]["LineSequenceNumber"] for each in bench.held()["fields"]["Lines"]] == [FIRST, SECOND, 49152]


def test_a_tracking_number_can_be_taken_off(bench: Bench) -> None:
    saved(bench, TrackingNumbers=[{"Key": {"Id": "1Z1"}}, {"Key": {"Id": "1Z2"}}])
    gone = {"Key": {"Id": "1Z1"}, "DeleteOnUpdate": True}
    bench.ask("UpdateSalesOrder", {"Key": {"Id": "SB1"}, "TrackingNumbers": [gone]})
    assert bench.held()["tracking_numbers"] == ["1Z2"]


def test_s22_history_cannot_be_changed(bench: Bench) -> None:
    saved(bench)
    bench.sim.command("fulfill", {"number": "SB1"})
    bench.sim.command("transfer", {"number": "SB1"})
    assert "is in history" in bench.problems("UpdateSalesOrder", {"Key": {"Id": "SB1"}})
    assert "is in history" in bench.problems("VoidSalesOrder", {"Id": "SB1"})


def test_s23_a_document_that_a_user_has_open_cannot_be_changed(bench: Bench) -> None:
    saved(bench)
    bench.sim.command("open", {"number": "SB1", "user": "lisa"})
    assert "being edited by lisa" in bench.problems("UpdateSalesOrder", {"Key": {"Id": "SB1"}})
    bench.sim.command("close", {"number": "SB1"})
    bench.ask("UpdateSalesOrder", {"Key": {"Id": "SB1"}})


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (change(FIRST, DeleteOnUpdate=True), "fulfilled cannot be deleted"),  # S24
        (change(FIRST, ItemKey={"Id": PHONE}), "item of a line cannot be changed"),  # S25
        (change(FIRST, WarehouseKey={"Id": "NORTH"}), "while quantities are allocated"),  # S26
        (change(FIRST, QuantityFulfilled=amount(3)), "more than the allocated"),  # S18
        (change(FIRST, Quantity=amount(0)), "greater than zero"),  # S12
        (change(0), "ItemKey  does not exist"),  # S9
    ],
)
def test_s24_to_s26_and_the_rules_of_lines_hold_on_updates(bench: Bench, given: dict[str, Any], text: str) -> None:
    saved(bench)
    bench.sim.command("fulfill", {"number": "SB1"})
    before = bench.sim.holdings()
    assert text in bench.problems("UpdateSalesOrder", {"Key": {"Id": "SB1"}, "Lines": [given]})
    assert bench.sim.holdings() == before


def test_the_site_of_a_line_without_allocation_can_be_changed(bench: Bench) -> None:
    saved(bench)
    bench.sim.command("allocate", {"number": "SB1", "line": FIRST, "quantity": 0})
    lines = [change(FIRST, WarehouseKey={"Id": "NORTH"})]
    bench.ask("UpdateSalesOrder", {"Key": {"Id": "SB1"}, "Lines": lines})
    assert (bench.stock()["allocated"], bench.stock(site="NORTH")["allocated"]) == ("0", "2")


def test_s27_a_tracking_number_that_is_there_is_refused_unless_the_switch_allows_it(bench: Bench) -> None:
    saved(bench, TrackingNumbers=[{"Key": {"Id": "1Z1"}}])
    again = {"Key": {"Id": "SB1"}, "TrackingNumbers": [{"Key": {"Id": "1Z1"}}]}
    assert "already there" in bench.problems("UpdateSalesOrder", again)
    bench.sim.command("set", {"readd_tracking": True})
    bench.ask("UpdateSalesOrder", again)
    assert bench.held()["tracking_numbers"] == ["1Z1"]


def test_s28_a_document_id_may_forbid_voiding(bench: Bench) -> None:
    bench.sim.command("add_document_type", {"type": "Order", "id": "STDORD", "may_void": False})
    saved(bench)
    assert "cannot be voided" in bench.problems("VoidSalesOrder", {"Id": "SB1"})


def test_s29_a_printed_document_is_voided_not_deleted(bench: Bench) -> None:
    saved(bench)
    bench.sim.command("print", {"number": "SB1"})
    assert "void it instead" in bench.problems("DeleteSalesOrder", {"Id": "SB1"})
    bench.ask("VoidSalesOrder", {"Id": "SB1"})
    held = bench.held()
    assert (held["state"], held["voided"], bench.stock()["allocated"]) == ("History", True, "0")


def test_s30_quantities_of_a_partly_transferred_order_stay(bench: Bench) -> None:
    saved(bench)
    bench.sim.command("transfer", {"number": "SB1", "quantities": {FIRST: 1}})
    lines = [change(FIRST, Quantity=amount(9))]
    assert "partly transferred" in bench.problems("UpdateSalesOrder", {"Key": {"Id": "SB1"}, "Lines": lines})


def test_a_deleted_order_is_gone_and_its_number_is_free_again(bench: Bench) -> None:
    saved(bench)
    bench.ask("DeleteSalesOrder", {"Id": "SB1"})
    assert bench.fault("GetSalesOrderByKey", {"Id": "SB1"}).text == "Business object not found."
    assert bench.stock()["allocated"] == "0"
    saved(bench)


@pytest.mark.parametrize("operation", ["UpdateSalesOrder", "VoidSalesOrder", "DeleteSalesOrder"])
def test_an_unknown_key_is_not_found(bench: Bench, operation: str) -> None:
    given = {"Key": {"Id": "SB9"}} if operation.startswith("Update") else {"Id": "SB9"}
    assert bench.fault(operation, given).text == "Business object not found."


def test_a_poisoned_document_cannot_be_read_and_still_stands_in_lists(bench: Bench) -> None:
    saved(bench)
    bench.sim.command("poison", {"number": "SB1"})
    assert "unhandled system exception" in bench.fault("GetSalesOrderByKey", {"Id": "SB1"}).text
    assert len(bench.ask("GetSalesOrderList", {"Scope": "Return All"})) == 1


# ---- what GP users do


def test_transfer_and_posting_move_the_stock_and_end_in_history(bench: Bench) -> None:
    saved(bench)
    bench.sim.command("fulfill", {"number": "SB1"})
    invoice = bench.sim.command("transfer", {"number": "SB1"})
    assert (bench.held()["state"], bench.held(invoice, "Invoice")["state"]) == ("History", "Work")
    assert bench.held(invoice, "Invoice")["source"] == "SB1"
    assert bench.ask("GetSalesInvoiceByKey", {"Id": invoice})["OriginalSalesDocumentKey"] == {"Id": "SB1"}

    bench.sim.command("post", {"type": "Invoice", "number": invoice})
    stock = bench.stock()
    assert (stock["on_hand"], stock["allocated"], bench.held(invoice, "Invoice")["state"]) == ("98", "0", "History")


def test_a_partial_transfer_leaves_the_rest_in_work(bench: Bench) -> None:
    saved(bench)
    bench.sim.command("transfer", {"number": "SB1", "quantities": {FIRST: 1}})
    held = bench.held()
    assert (held["state"], held["transferred"]) == ("Work", True)
    assert held["fields"]["Lines"][0]["QuantityToInvoice"]["Value"] == "1"
    bench.sim.command("transfer", {"number": "SB1"})
    assert bench.held()["state"] == "History"


def test_an_invoice_is_not_posted_before_it_is_fulfilled(bench: Bench) -> None:
    saved(bench)
    invoice = bench.sim.command("transfer", {"number": "SB1"})
    with pytest.raises(ValueError, match="not fulfilled"):
        bench.sim.command("post", {"type": "Invoice", "number": invoice})


def test_without_history_a_finished_order_disappears() -> None:
    bench = Bench(Switches(keep_history=False))
    saved(bench)
    bench.sim.command("transfer", {"number": "SB1"})
    assert bench.fault("GetSalesOrderByKey", {"Id": "SB1"}).text == "Business object not found."


def test_a_fulfilment_order_becomes_an_invoice(bench: Bench) -> None:
    saved(bench)
    bench.sim.command("fulfill", {"number": "SB1"})
    number = bench.sim.command("transfer", {"number": "SB1", "to": "Fulfillment Order"})
    assert bench.ask("GetSalesFulfillmentOrderByKey", {"Id": number})["TransactionState"] == "Work"
    invoice = bench.sim.command("convert_fulfillment", {"number": number})
    bench.sim.command("post", {"type": "Invoice", "number": invoice})
    assert bench.stock()["on_hand"] == "98"


def test_a_person_types_edits_voids_and_deletes_orders(bench: Bench) -> None:
    number = bench.sim.command("new_order", {"customer": "AARONFIT0001", "lines": [{"item": CORD, "quantity": 3}]})
    bench.sim.command("edit", {"number": number, "lines": [{"line": FIRST, "quantity": 4, "unit_price": "1.00"}]})
    assert (bench.held(number)["total"], bench.stock()["allocated"]) == ("4.00", "4")
    bench.sim.command("void", {"number": number})
    saved(bench)
    bench.sim.command("delete", {"number": "SB1"})
    assert [row["number"] for row in bench.sim.holdings()["sales"]] == [number]
    with pytest.raises(ValueError, match="is not in Work"):
        bench.sim.command("edit", {"number": number})


# ---- returns


def a_return(bench: Bench, number: str = "SBR1", **changes: Any) -> dict[str, Any]:
    split = {"OnHandQuantity": amount(1), "DamagedQuantity": amount(2)}
    return bench.order(
        number,
        **{
            "DocumentTypeKey": {"Type": "Return", "Id": "RTN"},
            "Lines": [line(CORD, 3, ReturnQuantity=split)],
            **changes,
        },
    )


def test_a_return_moves_stock_when_it_is_posted_split_by_place(bench: Bench) -> None:
    bench.ask("CreateSalesReturn", a_return(bench))
    assert bench.stock()["on_hand"] == "100"
    bench.sim.command("post_batch", {"batch": "SHIPBOB"})
    assert (bench.stock()["on_hand"], bench.stock()["damaged"]) == ("101", "2")
    assert bench.ask("GetSalesReturnByKey", {"Id": "SBR1"})["TransactionState"] == "History"


def test_a_return_without_a_split_goes_to_returned(bench: Bench) -> None:
    bench.ask("CreateSalesReturn", a_return(bench, Lines=[line(CORD, 3)]))
    bench.sim.command("post", {"type": "Return", "number": "SBR1"})
    assert (bench.stock()["on_hand"], bench.stock()["returned"]) == ("100", "3")


def test_s16_the_split_of_a_return_adds_up(bench: Bench) -> None:
    lines = [line(CORD, 3, ReturnQuantity={"OnHandQuantity": amount(1)})]
    assert "does not add up" in bench.problems("CreateSalesReturn", a_return(bench, Lines=lines))


def test_invoices_and_fulfilment_orders_can_be_drafts(bench: Bench) -> None:
    for root, type_, name in (
        ("SalesInvoice", "Invoice", "STDINV"),
        ("SalesFulfillmentOrder", "Fulfillment Order", "FULORD"),
    ):
        bench.ask(f"Create{root}", bench.order(DocumentTypeKey={"Type": type_, "Id": name}))
        bench.ask(f"Update{root}", {"Key": {"Id": "SB1"}, "Lines": [change(FIRST, QuantityFulfilled=amount(1))]})
        row = bench.ask(f"Get{root}ByKey", {"Id": "SB1"})["Lines"][0]
        assert [int(row[each]["Value"]) for each in ("BillingQuantity", "QuantityFulfilled")] == [2, 1]
        bench.ask(f"Delete{root}", {"Id": "SB1"})
    assert bench.stock()["allocated"] == "0"
