"""Inventory documents, what posting does to the stock, and lists with their restrictions."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from local.simulators.base import Request
from local.simulators.dynamics_gp import Switches
from local.simulators.dynamics_gp.criteria import like, matches
from tests.simulators.gp_bench import Bench, amount, line
from tests.simulators.test_dynamics_gp_orders import a_return

CORD = "ACCS-CRD-12WH"


@pytest.fixture
def bench() -> Bench:
    return Bench()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def entry(number: str = "SBA1", quantity: float = 3, **changes: Any) -> dict[str, Any]:
    """A good adjustment."""
    made = {
        "Key": {"Id": number},
        "BatchKey": {"Id": "SBRETURNS", "CreatedDateTime": at("1900-01-01")},
        "Date": at("2026-11-25"),
        "Lines": [line(CORD, quantity, WarehouseKey={"Id": "WAREHOUSE"})],
    }
    return {**made, **changes}


def movement(quantity: float = 3, **changes: Any) -> dict[str, Any]:
    """A good transfer from the main site to the north."""
    row = line(CORD, quantity, WarehouseFromKey={"Id": "WAREHOUSE"}, WarehouseToKey={"Id": "NORTH"})
    return entry("SBT1", Lines=[{**row, **changes}])


def places(bench: Bench, site: str = "WAREHOUSE") -> tuple[str, str]:
    held = bench.stock(site=site)
    return held["on_hand"], held["allocated"]


# ---- life cycle


def test_an_adjustment_moves_the_stock_only_when_a_user_posts_its_batch(bench: Bench) -> None:
    bench.ask("CreateInventoryAdjustment", entry())
    assert places(bench) == ("100", "0")
    assert bench.ask("GetInventoryAdjustmentByKey", {"Id": "SBA1"})["TransactionState"] == "Work"
    card = bench.ask("GetItemByKey", {"Id": CORD})["ModifiedDate"]
    bench.wait(hours=1)
    assert bench.sim.command("post_batch", {"batch": "SBRETURNS"}) == {"sales": [], "inventory": ["SBA1"]}

    posted = bench.ask("GetInventoryAdjustmentByKey", {"Id": "SBA1"})
    assert (posted["TransactionState"], posted["ModifiedDate"]) == ("History", at("2026-11-25T15:00"))
    assert posted["AuditTrailCode"].startswith("IVADJ")
    assert places(bench) == ("103", "0")
    assert (
        bench.ask("GetItemByKey", {"Id": CORD})["ModifiedDate"] == card
    )  # an item's date does not move with its stock


def test_a_saved_decrease_is_already_allocated(bench: Bench) -> None:
    bench.ask("CreateInventoryVariance", entry(quantity=-3))
    assert places(bench) == ("100", "3")
    bench.sim.command("post_inventory", {"kind": "variance", "number": "SBA1"})
    assert places(bench) == ("97", "0")


def test_a_transfer_allocates_at_once_and_arrives_when_posted(bench: Bench) -> None:
    bench.ask("CreateInventoryTransfer", movement())
    assert (places(bench), places(bench, "NORTH")) == (("100", "3"), ("12", "0"))
    bench.sim.command("post_inventory", {"kind": "transfer", "number": "SBT1"})
    assert (places(bench), places(bench, "NORTH")) == (("97", "0"), ("15", "0"))


def test_a_transfer_can_go_to_another_place_of_the_same_site(bench: Bench) -> None:
    bench.sim.command(
        "enter_inventory",
        {"kind": "transfer", "lines": [{"item": CORD, "quantity": 2, "site": "WAREHOUSE", "to_type": "Damaged"}]},
    )
    assert (bench.stock()["on_hand"], bench.stock()["damaged"]) == ("98", "2")


def test_a_document_can_have_been_posted_a_while_ago(bench: Bench) -> None:
    lines = [{"item": CORD, "quantity": 1, "site": "WAREHOUSE"}]
    number = bench.sim.command("enter_inventory", {"kind": "adjustment", "lines": lines, "seconds_ago": 90})
    assert bench.ask("GetInventoryAdjustmentByKey", {"Id": number})["ModifiedDate"] == at("2026-11-25T13:58:30")


def test_posting_may_give_another_key_and_a_number_is_still_used_up() -> None:
    bench = Bench(Switches(history_keys_differ=True))
    bench.ask("CreateInventoryAdjustment", entry())
    number = bench.sim.command("post_inventory", {"kind": "adjustment", "number": "SBA1"})
    assert number == "ADJ00000000000001"
    assert bench.fault("GetInventoryAdjustmentByKey", {"Id": "SBA1"}).text == "Business object not found."
    assert bench.fault("CreateInventoryAdjustment", entry()).text == "InventoryKey already exists."


def test_an_empty_number_takes_the_next_one(bench: Bench) -> None:
    bench.ask("CreateInventoryAdjustment", entry(""))
    assert [row["number"] for row in bench.sim.holdings()["inventory"]] == ["00000000000000001"]


# ---- I: the rules

RULES: list[tuple[str, dict[str, Any], str]] = [
    ("I2", {"Lines": []}, "at least one line"),
    ("I3", {"Date": at("2026-11-25T01:00")}, "midnight"),
    ("I4", {"Lines": [line(CORD, 1, Key={"SequenceNumber": Decimal(5)})] * 2}, "is repeated"),
    ("I5", {"Lines": [line("NOTHING", 1)]}, "ItemKey NOTHING does not exist"),
    ("I6", {"Lines": [{"ItemKey": {"Id": CORD}}]}, "Quantity is required"),
    ("I7", {"Lines": [{"ItemKey": {"Id": CORD}, "Quantity": amount("1.25", 1)}]}, "more than 1 decimals"),
    ("I8 zero", {"Lines": [line(CORD, 0)]}, "not possible"),
    ("I8 decimals", {"Lines": [{"ItemKey": {"Id": CORD}, "Quantity": amount("1.5", 1)}]}, "not possible"),
    ("I9", {"Lines": [line(CORD, 1, UofM="Pallet")]}, "UofM Pallet"),
    ("I10", {"Lines": [line(CORD, 1, WarehouseKey={"Id": "MOON"})]}, "WarehouseKey MOON does not exist"),
]


@pytest.mark.parametrize(("changes", "text"), [rule[1:] for rule in RULES], ids=[rule[0] for rule in RULES])
def test_i_a_broken_rule_is_a_validation_exception_and_nothing_is_saved(
    bench: Bench, changes: dict[str, Any], text: str
) -> None:
    assert text in bench.problems("CreateInventoryAdjustment", entry(**changes))
    assert bench.sim.holdings()["inventory"] == []


def test_i1_a_batch_is_required(bench: Bench) -> None:
    given = {name: value for name, value in entry().items() if name != "BatchKey"}
    assert "BatchKey is required" in bench.problems("CreateInventoryAdjustment", given)


@pytest.mark.parametrize(
    ("given", "text"),
    [(movement(-3), "not possible"), (movement(WarehouseToKey={"Id": "MOON"}), "WarehouseToKey MOON does not exist")],
)
def test_i8_and_i10_for_transfers(bench: Bench, given: dict[str, Any], text: str) -> None:
    assert text in bench.problems("CreateInventoryTransfer", given)


def test_i11_a_number_is_used_once_for_a_kind(bench: Bench) -> None:
    bench.ask("CreateInventoryAdjustment", entry())
    assert bench.fault("CreateInventoryAdjustment", entry()).text == "InventoryKey already exists."
    bench.ask("CreateInventoryVariance", entry())


@pytest.mark.parametrize(
    "operation", ["UpdateInventoryAdjustment", "DeleteInventoryAdjustment", "VoidInventoryVariance"]
)
def test_there_is_no_update_delete_or_void(bench: Bench, operation: str) -> None:
    body = bench.message("CreateInventoryAdjustment", entry()).replace(b"CreateInventoryAdjustment", operation.encode())
    assert bench.post(operation, body).status == 500
    assert bench.sim.holdings()["inventory"] == []


# ---- lists


def numbers(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(row["Key"]["Id"] for row in rows)


def test_posted_documents_are_found_by_the_time_of_posting(bench: Bench) -> None:
    for number in ("SBA1", "SBA2"):
        bench.ask("CreateInventoryAdjustment", entry(number))
    bench.wait(minutes=10)
    bench.sim.command("post_inventory", {"kind": "adjustment", "number": "SBA2"})
    window = {"From": at("2026-11-25T14:10:00"), "To": at("2026-11-25T14:10:00")}
    history = {"EqualValue": "History"}

    rows = bench.ask("GetInventoryAdjustmentList", {"ModifiedDate": window, "TransactionState": history})
    assert numbers(rows) == ["SBA2"]
    assert "Lines" not in rows[0]
    assert bench.ask("GetInventoryVarianceList", {"TransactionState": history}) == []
    assert numbers(bench.ask("GetInventoryAdjustmentList", {})) == ["SBA1", "SBA2"]


@pytest.mark.parametrize(
    ("criteria", "wanted"),
    [
        ({"CustomerPONumber": {"EqualValue": "PO-SB1"}}, ["SB1"]),
        ({"CustomerPONumber": {"EqualValue": "PO-SB_"}}, []),
        ({"CustomerPONumber": {"Like": "PO-SB_"}}, ["SB1", "SB2"]),
        ({"CustomerPONumber": {"EqualValue": ""}}, ["SB1", "SB2", "SB3X"]),
        ({"DocumentId": {"From": "SB1", "To": "SB2"}}, ["SB1", "SB2"]),
        ({"DocumentId": {"GreaterThan": "SB1", "LessThan": "SB3X"}}, ["SB2"]),
        ({"DocumentId": {"Items": ["SB1", "SB3X"]}}, ["SB1", "SB3X"]),
        ({"TransactionState": {"EqualValue": "History"}}, ["SB3X"]),
        ({"TransactionState": {"NotEqualValue": "History"}}, ["SB1", "SB2"]),
        ({"CustomerId": {"EqualValue": "NOBODY"}}, []),
        ({"BatchId": {"EqualValue": "SHIPBOB"}, "DocumentTypeId": {"EqualValue": "STDORD"}}, ["SB1", "SB2", "SB3X"]),
        ({"Date": {"From": at("2026-11-26T00:00:00")}}, []),
        ({"ModifiedDate": {"GreaterThan": at("2026-11-25T14:00:00")}}, ["SB3X"]),
    ],
)
def test_orders_are_found_in_work_and_history(bench: Bench, criteria: dict[str, Any], wanted: list[str]) -> None:
    for number in ("SB1", "SB2", "SB3X"):
        bench.ask("CreateSalesOrder", bench.order(number))
    bench.wait(minutes=1)
    bench.ask("VoidSalesOrder", {"Id": "SB3X"})
    rows = bench.ask("GetSalesOrderList", {**criteria, "Scope": "Return All"})
    assert numbers(rows) == wanted
    assert all("Lines" not in row and "TotalAmount" in row for row in rows)


def test_a_list_of_all_documents_names_their_types(bench: Bench) -> None:
    bench.ask("CreateSalesOrder", bench.order("SB1"))
    bench.ask("CreateSalesReturn", a_return(bench, "SB1"))
    rows = bench.ask("GetSalesDocumentList", {"Scope": "Return All"})
    assert sorted(row["Type"] for row in rows) == ["Order", "Return"]
    only = {"Scope": "Return All", "Type": {"EqualValue": "Return"}}
    assert [row["Type"] for row in bench.ask("GetSalesDocumentList", only)] == ["Return"]
    assert numbers(bench.ask("GetSalesReturnList", {"Scope": "Return All"})) == ["SB1"]


def test_a_list_needs_its_scope(bench: Bench) -> None:
    with pytest.raises(ValueError, match="Scope must have a value"):
        bench.message("GetSalesOrderList", {})
    body = bench.message("GetSalesOrderList", {"Scope": "Return All"}).replace(b"<Scope>Return All</Scope>", b"")
    assert bench.post("GetSalesOrderList", body).status == 500


def test_like_is_the_databases() -> None:
    assert like("A[0-9]%").fullmatch("a5-anything")
    assert not like("A[^0-9]%").fullmatch("A5")
    assert like("50%.").fullmatch("50 or so.")
    assert not like("A.C").fullmatch("ABC")


def test_missing_values_pass_no_range() -> None:
    assert not matches(None, {"From": 1})
    assert matches(None, {"NotEqualValue": 1})


# ---- masters and stock


def test_stock_is_read_one_item_at_a_time_at_every_site(bench: Bench) -> None:
    bench.ask("CreateSalesOrder", bench.order())
    item = bench.ask("GetInventoriedItemByKey", {"Id": CORD})
    rows = {row["Key"]["WarehouseKey"]["Id"]: row for row in item["Quantities"]}
    read = {
        site: (int(row["OnHandQuantity"]["Value"]), int(row["AllocatedQuantity"]["Value"]))
        for site, row in rows.items()
    }
    assert read == {"WAREHOUSE": (100, 2), "NORTH": (12, 0)}
    assert "Quantities" not in bench.ask("GetItemByKey", {"Id": CORD})
    pairs = bench.ask("GetItemWarehouseList", {"ItemId": {"EqualValue": CORD}})
    assert sorted(row["Key"]["WarehouseKey"]["Id"] for row in pairs) == ["NORTH", "WAREHOUSE"]
    key = {"ItemKey": {"Id": CORD}, "WarehouseKey": {"Id": "NORTH"}}
    assert "OnHandQuantity" not in bench.ask("GetItemWarehouseByKey", key)


def test_a_kit_and_a_service_have_no_quantities(bench: Bench) -> None:
    for number, kind in (("SET", "Kit"), ("CLEANING", "Service")):
        bench.sim.command("add_item", {"number": number, "description": kind, "kind": kind})
    assert "Quantities" not in bench.ask("GetInventoriedItemByKey", {"Id": "SET"})
    assert bench.fault("GetInventoriedItemByKey", {"Id": "CLEANING"}).text == "Business object not found."
    assert bench.ask("GetItemByKey", {"Id": "CLEANING"})["Type"] == "Service"
    assert "SET" in numbers(bench.ask("GetInventoriedItemList", {}))


def test_stock_that_moves_without_a_document_leaves_no_trace_in_lists(bench: Bench) -> None:
    bench.sim.command("move_stock", {"item": CORD, "site": "WAREHOUSE", "on_hand": 7})
    assert places(bench) == ("107", "0")
    assert bench.ask("GetInventoryAdjustmentList", {}) == []


@pytest.mark.parametrize(
    ("operation", "subject", "wanted"),
    [
        ("GetWarehouseList", {}, ["NORTH", "WAREHOUSE"]),
        ("GetWarehouseList", {"City": {"EqualValue": "Chicago"}}, ["WAREHOUSE"]),
        ("GetShippingMethodList", {"Id": {"Like": "%A%"}}, ["LOCAL DELIVERY", "NEXT DAY"]),
        ("GetCustomerList", {"Scope": "Return All", "IsActive": {"EqualValue": True}}, ["AARONFIT0001"]),
        ("GetItemList", {"IsDiscontinued": {"EqualValue": True}}, []),
        (
            "GetItemList",
            {"Type": {"EqualValue": "Sales Item"}, "ItemId": {"Like": "ACCS%"}},
            ["ACCS-CRD-12WH", "ACCS-HDS-1EAR"],
        ),
    ],
)
def test_master_lists(bench: Bench, operation: str, subject: dict[str, Any], wanted: list[str]) -> None:
    assert numbers(bench.ask(operation, subject)) == wanted


@pytest.mark.parametrize(
    ("operation", "key"),
    [
        ("GetCustomerByKey", {"Id": "AARONFIT0001"}),
        ("GetWarehouseByKey", {"Id": "NORTH"}),
        ("GetShippingMethodByKey", {"Id": "GROUND"}),
        ("GetCompanyByKey", {"Id": -1}),
    ],
)
def test_masters_by_key(bench: Bench, operation: str, key: dict[str, Any]) -> None:
    assert bench.ask(operation, key)["Key"] == key
    missing = {"Id": 99 if operation == "GetCompanyByKey" else "MISSING"}
    assert bench.fault(operation, missing).text == "Business object not found."


def test_companies_and_batches(bench: Bench) -> None:
    assert bench.ask("GetWSEnabledCompanyForUserList", company=None) == [{"Key": {"Id": -1}, "Name": "Fabrikam, Inc."}]
    bench.ask("CreateSalesOrder", bench.order())
    batch = bench.ask("GetBatchByKey", {"Source": "Sales Entry", "Id": "SHIPBOB", "CreatedDateTime": at("1900-01-01")})
    assert (batch["NumberOfTransactions"], str(batch["Total"]["Value"])) == (1, "109.85")
    assert numbers(bench.ask("GetBatchList", {"Source": {"EqualValue": "IV_Trxent"}})) == []


def test_a_policy_is_found_by_operation_and_by_key(bench: Bench) -> None:
    policy = bench.ask("GetPolicyByOperation", "CreateSalesOrder")
    assert bench.ask("GetPolicyByKey", policy["Key"]) == policy
    assert bench.fault("GetPolicyByOperation", "GetSalesOrderByKey").text == "Business object not found."


# ---- SBA

SBA = "/GPService/Tenants(DefaultTenant)/Companies(Fabrikam,%20Inc.)"


def sba(bench: Bench, path: str, method: str = "GET", query: str = "") -> Any:
    return bench.sim.handle(Request(method, path, query, {"Accept": "application/json"}))


def test_sba_offers_reads_and_no_sales_orders(bench: Bench) -> None:
    reply = sba(bench, f"{SBA}/Inventory/Items({CORD})")
    card = {"ItemNumber": CORD, "ItemDescription": "Phone Cord - 12' White", "Discontinued": False}
    assert (reply.status, json.loads(reply.body)) == (200, {"Payload": card})
    assert sba(bench, f"{SBA}/Dynamics/Inventory/ItemSites({CORD};NORTH)").status == 200
    assert sba(bench, f"{SBA}/Inventory/Items", query="limit=1").body.count(b"ItemNumber") == 1
    assert b"inventory/items" in sba(bench, "/GPService/Tenants(DefaultTenant)/help").body


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        (f"{SBA}/Sales/SalesOrders", "GET", 404),
        (f"{SBA}/Sales/SalesOrders", "POST", 404),
        (f"{SBA}/Inventory/Items", "PUT", 405),
        (f"{SBA}/Inventory/Items", "POST", 405),
        (f"{SBA}/Inventory/Items(NOTHING)", "GET", 404),
        ("/GPService/Tenants(Other)/Companies(Fabrikam,%20Inc.)/Inventory/Items", "GET", 404),
        ("/GPService/Tenants(DefaultTenant)/Companies(Contoso)/Inventory/Items", "GET", 404),
    ],
)
def test_sba_refuses_the_rest(bench: Bench, path: str, method: str, status: int) -> None:
    assert sba(bench, path, method).status == status


def test_sba_answers_xml_unless_json_is_asked_for(bench: Bench) -> None:
    reply = bench.sim.handle(Request("GET", f"{SBA}/Inventory/Sites(NORTH)"))
    assert reply.headers["Content-Type"].startswith("application/xml")
    assert b"<LocationCode>NORTH</LocationCode>" in reply.body


def test_unknown_commands_and_switches_are_named(bench: Bench) -> None:
    with pytest.raises(ValueError, match="no command 'fly'"):
        bench.sim.command("fly", {})
    with pytest.raises(ValueError, match="no switch 'x'"):
        bench.sim.command("set", {"x": 1})
