"""The Acumatica client against the strict simulator, in process and in virtual time."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from connector.effect import Pending
from connector.faults import Executed, FaultKind, VendorFault
from connector.instants import parse_instant
from connector.transport import AnswerLost, Reply, Request
from local.simulators import base
from local.simulators.acumatica import AcumaticaSimulator
from tests.support.world import World
from vendors.acumatica.auth import authorize_url, code_challenge
from vendors.acumatica.client import Acumatica
from vendors.acumatica.open import identity_server, open_acumatica, token_cache
from vendors.acumatica.settings import AcumaticaSystem
from vendors.acumatica.shapes import parse_adjustment, parse_bill, parse_shipment

HOST = "https://erp.example.com"


@dataclass
class SimulatorWire:
    """Carries the transport's requests to a simulator in the same process, as the HTTP library would."""

    simulator: AcumaticaSimulator
    sent: list[Request] = field(default_factory=list)

    def exchange(self, request: Request) -> Reply:
        """Answers as the wire does; a broken connection is a lost answer."""
        self.sent.append(request)
        parts = urlsplit(request.url)
        assert f"{parts.scheme}://{parts.netloc}" == HOST, "a request left for another host"
        try:
            answer = self.simulator.handle(
                base.Request(request.method, parts.path, parts.query, dict(request.headers), request.body)
            )
        except (base.ConnectionDropped, base.AnswerTimedOut) as error:
            raise AnswerLost(str(error)) from error
        headers: dict[str, str] = {}
        for name, value in answer.headers.items():
            lower = name.lower()
            headers[lower] = f"{headers[lower]}\n{value}" if lower in headers else value
        return Reply(answer.status, headers, answer.body)


@dataclass
class Site:
    """A seeded tenant, a world in memory and the way to open clients."""

    world: World
    simulator: AcumaticaSimulator
    wire: SimulatorWire
    system: AcumaticaSystem

    def open(self, holder: str = "record-1", lane: str = "live", **changes: Any) -> Acumatica:
        """A client for one piece of work."""
        system = self.system.model_copy(update=changes)
        return open_acumatica(self.world.services, "acme", system, lane=lane, holder=holder, wire=self.wire)

    def command(self, command: str, **arguments: Any) -> Any:
        """An act of a person inside the ERP."""
        return self.simulator.command(command, arguments)

    def calls(self) -> int:
        """Entity calls so far."""
        return sum("/entity/Default/" in call.path for call in self.simulator.calls)


@pytest.fixture
def site(world: World) -> Site:
    simulator = AcumaticaSimulator(world.clock, tenant="Company", advance=lambda seconds: None)
    secret = {
        "client_id": simulator.client_id, "client_secret": simulator.client_secret, "username": simulator.username,
        "password": simulator.password,
    }
    world.secrets.write("acme/acumatica", json.dumps(secret))
    system = AcumaticaSystem(
        base_url=f"{HOST}/Acme/(W(3))/Main?ScreenId=SO301000", tenant="company", auth="password",
        time_zone="America/New_York", per_minute=1200, timeout_seconds=30,
    )
    found = Site(world, simulator, SimulatorWire(simulator), system)
    _seed(found)
    return found


def _seed(site: Site) -> None:
    site.command("warehouse", WarehouseID="SHIPBOB-1", Locations=[{"LocationID": "R1"}])
    site.command("box", id="DEFAULT")
    site.command("ship_via", CarrierID="SBGROUND", Description="ShipBob Ground", Packages=[{"BoxID": "DEFAULT"}])
    site.command(
        "customer", CustomerID="C000012345", CustomerName="Reyes Outfitters",
        MainContact={"Email": "main@example.com", "Address": {"AddressLine1": "1 Main St", "Country": "US"}},
    )
    site.command("vendor", VendorID="SHIPBOB", VendorName="ShipBob Inc.")
    site.command("vendor", VendorID="OTHER", VendorName="Other Inc.")
    for sku in ("TSHIRT-BLK-M", "MUG/11OZ"):
        site.command(
            "stock_item", InventoryID=sku, Description=sku.title(), DimensionWeight=0.45, DefaultPrice=20,
            CrossReferences=[{"AlternateType": "Barcode", "AlternateID": f"012-{sku}"}],
            UOMConversions=[
                {"FromUOM": "BOX", "ToUOM": "EA", "MultiplyOrDivide": "Multiply", "ConversionFactor": 12}
            ],
        )
        site.command("stock", sku=sku, warehouse="SHIPBOB-1", location="R1", quantity=120)
    site.command("account", id="54000")
    site.command("subaccount", id="000000")
    site.command("reason_code", id="INADJUST", usage="Adjustment")
    site.command("attribute", entity="SalesOrder", view="Document", field="AttributeMLCREF")


def _order(site: Site, number: str, **more: Any) -> None:
    site.command(
        "sales_order", OrderType="SO", OrderNbr=number, CustomerID="C000012345", CustomerOrder=f"PO-{number}",
        Date="2026-03-02", ShipToAddressOverride=True, ShipToContactOverride=True,
        ShipToAddress={"AddressLine1": "1600 Amphitheatre Pkwy", "City": "Mountain View", "State": "CA",
                       "PostalCode": "94043", "Country": "US"},
        ShipToContact={"Attention": "Dana Reyes", "Email": "dana@example.com"},
        Details=[{"InventoryID": "TSHIRT-BLK-M", "OrderQty": 3, "UOM": "EA", "WarehouseID": "SHIPBOB-1",
                  "UnitPrice": 20}],
        **more,
    )


def _finish(client: Acumatica, reply: Reply, most: int = 10) -> None:
    state = client.operation(reply)
    for _ in range(most):
        if state is None:
            return
        state = client.check_operation(state.operation)
    pytest.fail("the operation did not end")


# ---- reading ---------------------------------------------------------------------------------------------------


def test_an_order_is_read_with_everything_that_shipping_needs(site: Site) -> None:
    _order(site, "SO005432", custom={"Document": {"AttributeMLCREF": "ref-1"}}, note="Leave at side door")
    order = site.open().sales_order("SO", "SO005432", custom=["Document.AttributeMLCREF"])
    assert order is not None
    assert (order.key, order.status, order.hold, order.will_call) == ("SO/SO005432", "Open", False, False)
    assert order.day == date(2026, 3, 2)
    assert (order.customer_order, order.note) == ("PO-SO005432", "Leave at side door")
    assert order.ship_to.postal_code == "94043"
    assert order.contact.name == "Dana Reyes"
    assert order.custom == {"Document.AttributeMLCREF": "ref-1"}
    (line,) = order.lines
    assert (line.line_number, line.inventory_id, line.remaining_quantity) == (1, "TSHIRT-BLK-M", Decimal(3))
    assert (line.uom, line.warehouse, line.unit_price) == ("EA", "SHIPBOB-1", Decimal(20))
    assert order.upload_link is not None
    assert order.last_modified.tzinfo is UTC


@pytest.mark.parametrize("offset", [-300, 0, 330, 780])
def test_a_business_date_stays_the_same_day_whatever_offset_the_site_writes(site: Site, offset: int) -> None:
    site.simulator.switches.tenant_offset_minutes = offset
    _order(site, "SO1")
    order = site.open().sales_order("SO", "SO1")
    assert order is not None
    assert order.day == date(2026, 3, 2)


def test_what_does_not_exist_is_none_and_not_an_error(site: Site) -> None:
    client = site.open()
    assert client.sales_order("SO", "NOPE") is None
    assert client.shipment("NOPE") is None
    assert client.stock_item("NOPE") is None
    assert client.shipments_of_order("SO", "NOPE") is None
    assert client.exists("ShipVia", "SBGROUND")
    assert not client.exists("ShipVia", "NOPE")


def test_a_key_with_a_slash_is_found_through_its_id(site: Site) -> None:
    item = site.open().stock_item("MUG/11OZ")
    assert item is not None
    assert item.inventory_id == "MUG/11OZ"
    assert item.to_base(Decimal(2), "BOX") == Decimal(24)
    assert item.to_base(Decimal(2), "PALLET") is None
    assert [barcode.code for barcode in item.barcodes] == ["012-MUG/11OZ"]
    assert all("MUG" not in call.path for call in site.simulator.calls)
    assert site.open().stock_item("NO/SUCH") is None


def test_customer_and_vendor(site: Site) -> None:
    client = site.open()
    customer, vendor = client.customer("C000012345"), client.vendor("SHIPBOB")
    assert customer is not None
    assert (customer.name, customer.email, customer.main_address.line_1) == (
        "Reyes Outfitters", "main@example.com", "1 Main St",
    )
    assert vendor is not None
    assert vendor.name == "ShipBob Inc."


def test_no_address_or_name_in_the_log(site: Site) -> None:
    _order(site, "SO1")
    assert site.open().sales_order("SO", "SO1") is not None
    text = json.dumps(site.world.lines())
    assert "SalesOrder" in text
    for private in ("Amphitheatre", "Dana", "dana@example.com", site.simulator.password, "Bearer"):
        assert private not in text


# ---- lists -----------------------------------------------------------------------------------------------------


def _many(site: Site, count: int, seconds: float) -> list[str]:
    numbers = [f"SO{number:06d}" for number in range(count)]
    for number in numbers:
        _order(site, number)
        site.world.clock.advance(seconds)
    return numbers


@pytest.mark.parametrize("shuffled", [False, True])
def test_lists_are_complete_whatever_the_order_of_the_rows(site: Site, shuffled: bool) -> None:
    since = site.world.clock()
    numbers = _many(site, 23, 7)
    site.simulator.switches.shuffle_every_request = shuffled
    client = site.open(lane="nightly")
    before = site.calls()
    found = client.list_changed("SalesOrder", since, site.world.clock(), ["Status"], page_size=5)
    assert [changed.row.text("OrderNbr") for changed in found] == numbers
    assert found[0].row.text("Status") == "Open"
    assert all(earlier.modified <= later.modified for earlier, later in pairwise(found))
    if not shuffled:
        assert site.calls() - before == 6, "a stable order costs one call a page, plus one that proves the end"


def test_a_poll_of_few_rows_is_one_call(site: Site) -> None:
    since = site.world.clock()
    _many(site, 3, 1)
    client = site.open()
    before = site.calls()
    assert len(client.list_changed("SalesOrder", since, site.world.clock())) == 3
    assert site.calls() - before == 1


def test_a_window_is_closed_and_its_filter_reads_instants(site: Site) -> None:
    _order(site, "SO1")
    stamp = site.world.clock()
    site.world.clock.advance(3600)
    _order(site, "SO2")
    client = site.open()

    def numbers(since: datetime, until: datetime) -> list[str | None]:
        found = client.list_changed("SalesOrder", since, until)
        return [changed.row.text("OrderNbr") for changed in found]

    assert numbers(stamp - timedelta(hours=1), stamp + timedelta(milliseconds=1)) == ["SO1"]
    assert numbers(stamp + timedelta(milliseconds=1), site.world.clock() + timedelta(seconds=1)) == ["SO2"]
    exact = site.simulator.world.store.find("SalesOrder", "SO", "SO2").values["LastModified"].text(0)  # type: ignore[union-attr]
    last = parse_instant(exact)
    assert numbers(last, last + timedelta(microseconds=1)) == ["SO2"], "bounds finer than a millisecond stay inside"
    filters = [parse_qs(urlsplit(request.url).query).get("$filter", [""])[0] for request in site.wire.sent]
    assert any("+00:00'" in text for text in filters)
    assert all("+" not in urlsplit(request.url).query for request in site.wire.sent)


def test_a_row_that_leaves_an_earlier_page_while_we_read_costs_no_other_row(site: Site) -> None:
    since = site.world.clock()
    numbers = _many(site, 12, 10)
    until = site.world.clock()
    client = site.open()
    client.endpoints()
    handle: Callable[[base.Request], base.Reply] = site.simulator.handle
    pages: list[list[str]] = []

    def meddle(request: base.Request) -> base.Reply:
        reply = handle(request)
        if request.method == "GET" and request.path.endswith("/SalesOrder"):
            pages.append([row["OrderNbr"]["value"].strip() for row in json.loads(reply.body)])
            if len(pages) == 1:
                site.world.clock.advance(60)
                site.command("edit_order", order_nbr=pages[0][0], fields={"Description": "changed"})
        return reply

    site.simulator.handle = meddle  # type: ignore[method-assign]
    found = client.list_changed("SalesOrder", since, until, page_size=4)
    assert sorted(changed.row.text("OrderNbr") or "" for changed in found) == numbers


def test_find_reads_every_page(site: Site) -> None:
    _many(site, 13, 1)
    rows = site.open().find("SalesOrder", "CustomerID", "C000012345", ["Status"], page_size=5)
    assert len({row.text("OrderNbr") for row in rows}) == 13
    site.simulator.switches.shuffle_every_request = True
    with pytest.raises(VendorFault, match="none is missing"):
        site.open().find("SalesOrder", "CustomerID", "C000012345", page_size=5)


def test_a_written_document_is_parsed_from_its_answer(site: Site) -> None:
    """The simulator answers a PUT with what was asked for only; the shapes need more than what was sent."""
    _order(site, "SO1")
    site.command("create_shipment", order_nbr="SO1", warehouse="SHIPBOB-1")
    number = next(iter(site.simulator.holdings()["Shipment"]))
    client = site.open()
    reply = client.put("Shipment", {"ShipmentNbr": number, "Packages": [{"BoxID": "DEFAULT"}]}, expand=["Packages"])
    shipment = client.read_reply("Shipment", reply, parse_shipment)
    assert (shipment.number, shipment.status, shipment.warehouse) == (number, "Open", "SHIPBOB-1")
    assert shipment.packages[0].box_id == "DEFAULT"
    made = client.put("InventoryAdjustment", _adjustment("r", 1), create_only=True, expand=["Details"])
    assert client.read_reply("InventoryAdjustment", made, parse_adjustment).lines[0].quantity == 1


@pytest.mark.parametrize("entity", ["Customer", "StockItem", "Vendor", "Bill", "InventoryAdjustment", "Shipment"])
def test_every_polled_entity_is_filtered_by_a_field_that_it_has(site: Site, entity: str) -> None:
    day = timedelta(days=1)
    site.open().list_changed(entity, site.world.clock() - day, site.world.clock() + day)


def test_a_list_that_the_site_cannot_answer_says_so(site: Site) -> None:
    site.simulator.switches.shipment_list = "error"
    with pytest.raises(VendorFault) as caught:
        site.open().list_changed("Shipment", site.world.clock() - timedelta(days=1), site.world.clock())
    assert caught.value.kind is FaultKind.UNSUPPORTED_QUERY


# ---- the way of a shipment -------------------------------------------------------------------------------------


def test_create_fill_and_confirm_a_shipment(site: Site) -> None:
    _order(site, "SO1")
    client = site.open()
    reply = client.action(
        "SalesOrder", "SalesOrderCreateShipment", {"OrderType": "SO", "OrderNbr": "SO1"},
        {"ShipmentDate": date(2026, 3, 4), "WarehouseID": "SHIPBOB-1"},
    )
    assert reply.status == 202
    _finish(client, reply)
    shipments = client.shipments_of_order("SO", "SO1")
    assert shipments is not None
    (listed,) = shipments
    shipment = client.shipment(listed.shipment_number)
    assert shipment is not None
    assert (shipment.status, shipment.shipment_date, shipment.packages) == ("Open", date(2026, 3, 4), ())
    written = client.put(
        "Shipment",
        {
            "ShipmentNbr": shipment.number,
            "ShipVia": "SBGROUND",
            "Packages": [{"BoxID": "DEFAULT", "Weight": Decimal("1.2"), "TrackingNbr": "1Z12345E0205271688",
                          "CustomRefNbr1": "sb:9912345", "Confirmed": True}],
        },
        update_only=True, expand=["Packages"],
    )
    assert client.read_reply("Shipment", written, lambda row: row.rows("Packages")[0].text("TrackingNbr"))
    _finish(client, client.action("Shipment", "ConfirmShipment", {"ShipmentNbr": shipment.number}))
    confirmed = client.shipment(shipment.number)
    assert confirmed is not None
    assert confirmed.status == "Confirmed"
    package = confirmed.package_with("1Z12345E0205271688")
    assert package is not None
    assert (package.weight, package.custom_reference_1, package.confirmed) == (Decimal("1.2"), "sb:9912345", True)
    held = site.simulator.holdings()
    assert held["SalesOrder"]["SO1"]["Status"] == "Completed"
    assert (held["unknown_fields"], held["ignored_fields"]) == ([], [])


def test_a_package_is_updated_by_its_id_and_not_doubled(site: Site) -> None:
    _order(site, "SO1")
    site.command("create_shipment", order_nbr="SO1", warehouse="SHIPBOB-1")
    client = site.open()
    number = next(iter(site.simulator.holdings()["Shipment"]))
    client.put("Shipment", {"ShipmentNbr": number, "Packages": [{"BoxID": "DEFAULT"}]}, update_only=True)
    before = client.shipment(number)
    assert before is not None
    row = {"id": before.packages[0].id, "TrackingNbr": "1Z1"}
    for _ in range(2):
        client.put("Shipment", {"id": before.id, "Packages": [row]}, expand=["Packages"])
    packages = site.simulator.holdings()["Shipment"][number]["Packages"]
    assert [package["TrackingNbr"] for package in packages] == ["1Z1"]


def test_label_files_go_to_the_package_and_overwrite_themselves(site: Site) -> None:
    _order(site, "SO1")
    site.command("create_shipment", order_nbr="SO1", warehouse="SHIPBOB-1")
    client = site.open()
    number = next(iter(site.simulator.holdings()["Shipment"]))
    client.put("Shipment", {"ShipmentNbr": number, "Packages": [{"BoxID": "DEFAULT"}]}, update_only=True)
    shipment = client.shipment(number)
    assert shipment is not None
    link = shipment.packages[0].upload_link
    assert link is not None
    for content in (b"GIF89a old", b"GIF89a new"):
        assert client.attach(link, "ups-1Z1.gif", content, "UPS label").status == 204
    again = client.shipment(number, files=True)
    assert again is not None
    assert again.packages[0].files == ("ups-1Z1.gif",)
    (file,) = site.simulator.holdings()["Shipment"][number]["Packages"][0]["files"]
    assert file["size"] == len(b"GIF89a new")
    with pytest.raises(ValueError, match="cannot be attached"):
        client.attach(link, "../x", b"x")


def test_other_work_waits_while_an_operation_runs_in_the_session(site: Site) -> None:
    _order(site, "SO1")
    first = site.open("record-1")
    keys = {"OrderType": "SO", "OrderNbr": "SO1"}
    reply = first.action("SalesOrder", "SalesOrderCreateShipment", keys, {"WarehouseID": "SHIPBOB-1"})
    state = first.operation(reply)
    assert isinstance(state, Pending)
    first.close()
    with pytest.raises(VendorFault) as caught:
        site.open("record-2").sales_order("SO", "SO1")
    assert caught.value.kind is FaultKind.BUDGET
    # The same record goes on in the same session, also in another process and by the vendor's own refusal.
    again = site.open("record-1")
    with pytest.raises(VendorFault) as busy:
        again.sales_order("SO", "SO1")
    assert (busy.value.kind, busy.value.executed) == (FaultKind.UNAVAILABLE, Executed.NO)
    assert busy.value.retry_at is not None
    while (state := again.check_operation(state.operation)) is not None:
        site.world.clock.advance(2)
    again.close()
    assert site.open("record-2").sales_order("SO", "SO1") is not None


def test_a_failed_operation_is_a_clear_no(site: Site) -> None:
    _order(site, "SO1")
    client = site.open()
    state = client.operation(
        client.action(
            "SalesOrder", "SalesOrderCreateShipment", {"OrderType": "SO", "OrderNbr": "SO1"},
            {"WarehouseID": "NOWHERE"},
        )
    )
    assert state is not None
    operation = state.operation
    while not site.simulator.operations.by_id[operation.rpartition("/")[2]].finished:
        site.world.clock.advance(6)
        site.simulator.holdings()
    with pytest.raises(VendorFault) as caught:
        client.check_operation(operation)
    assert (caught.value.kind, caught.value.executed) == (FaultKind.INVALID, Executed.NO)
    assert "NOWHERE" in caught.value.message
    assert "EntityService" not in caught.value.message, "a stack trace came through"
    assert client.sales_order("SO", "SO1") is not None


def test_an_operation_that_the_erp_forgot_is_unclear_and_not_failed(site: Site) -> None:
    client = site.open()
    root = "/Acme/entity/Default/25.200.001/Shipment/ConfirmShipment/status/"
    with pytest.raises(VendorFault) as caught:
        client.check_operation(f"{root}3d0f0000-0000-0000-0000-000000000000")
    assert (caught.value.kind, caught.value.executed) == (FaultKind.UNAVAILABLE, Executed.MAYBE)


# ---- stock and bills -------------------------------------------------------------------------------------------


def test_stock_levels_in_bulk_and_item_by_item(site: Site) -> None:
    client = site.open()
    before = site.calls()
    levels = client.stock_levels("SHIPBOB-1", ["TSHIRT-BLK-M", "MUG/11OZ"])
    assert {sku: level.on_hand for sku, level in levels.items()} == {
        "TSHIRT-BLK-M": Decimal(120), "MUG/11OZ": Decimal(120),
    }
    assert site.calls() - before == 1
    site.command("deny", entity="StorageDetailsInquiry")
    site.command("close_sessions")
    client = site.open("record-2", sessions=2)
    again = client.stock_levels("SHIPBOB-1", ["TSHIRT-BLK-M"])
    assert again["TSHIRT-BLK-M"].on_hand == Decimal(120)


def test_an_item_without_stock_rows_is_unknown_and_not_zero(site: Site) -> None:
    site.command("stock_item", InventoryID="NEW")
    client = site.open()
    assert client.inventory_summary("NEW", "SHIPBOB-1") is None
    assert client.stock_levels("SHIPBOB-1", ["NEW"]) == {}


def _adjustment(reference: str, quantity: Any) -> dict[str, Any]:
    return {
        "Date": date(2026, 3, 2), "ExternalRef": reference, "Description": "On-hand sync", "Hold": False,
        "Details": [{"InventoryID": "TSHIRT-BLK-M", "WarehouseID": "SHIPBOB-1", "LocationID": "R1", "Qty": quantity,
                     "UOM": "EA", "ReasonCode": "INADJUST"}],
    }


def test_an_adjustment_is_found_by_our_reference_and_changes_stock_once_released(site: Site) -> None:
    client = site.open()
    assert client.find_adjustment("sb:inv:12") is None
    client.put("InventoryAdjustment", _adjustment("sb:inv:12", Decimal(-3)), create_only=True)
    found = client.find_adjustment("sb:inv:12")
    assert found is not None
    assert (found.status, found.external_reference) == ("Balanced", "sb:inv:12")
    _finish(client, client.action("InventoryAdjustment", "ReleaseAdjustment", {"ReferenceNbr": found.number}))
    released = client.adjustment(found.number)
    assert released is not None
    assert (released.status, released.lines[0].quantity) == ("Released", Decimal(-3))
    assert site.simulator.holdings()["stock"]["TSHIRT-BLK-M"]["SHIPBOB-1"] == 117.0


def test_two_adjustments_with_one_reference_need_a_person(site: Site) -> None:
    client = site.open()
    for _ in range(2):
        client.put("InventoryAdjustment", _adjustment("sb:inv:12", 1), create_only=True)
    with pytest.raises(VendorFault, match="more than one inventory adjustment"):
        client.find_adjustment("sb:inv:12")


def _bill(vendor: str, reference: str) -> dict[str, Any]:
    return {
        "Type": "Bill", "Vendor": vendor, "VendorRef": reference, "Date": date(2026, 3, 1), "Hold": True,
        "Description": "ShipBob charges 2026-02", "Amount": Decimal("184.37"),
        "Details": [{"TransactionDescription": "Pick and pack", "Account": "54000", "Subaccount": "000000",
                     "Qty": 1, "UnitCost": Decimal("184.37"), "ExtendedCost": Decimal("184.37")}],
    }


def test_a_bill_is_found_by_its_reference_and_its_vendor_in_one_call(site: Site) -> None:
    client = site.open()
    client.put("Bill", _bill("OTHER", "INV-1"), create_only=True)
    assert client.find_bill("SHIPBOB", "INV-1") is None, "another vendor's bill with the same number is not ours"
    reply = client.put("Bill", _bill("SHIPBOB", "INV-1"), create_only=True, select=["Type", "ReferenceNbr", "Status",
                                                                                    "Vendor"])
    made = client.read_reply("Bill", reply, parse_bill)
    before = site.calls()
    found = client.find_bill("SHIPBOB", "INV-1")
    assert site.calls() - before == 1
    assert found is not None
    assert (found.number, found.amount, found.status) == (made.number, Decimal("184.37"), "On Hold")
    whole = client.bill("Bill", found.number)
    assert whole is not None
    assert [line.extended_cost for line in whole.lines] == [Decimal("184.37")]


def test_a_create_that_would_overwrite_is_a_duplicate(site: Site) -> None:
    client = site.open()
    client.put("Bill", _bill("SHIPBOB", "INV-1"), create_only=True)
    number = next(iter(site.simulator.holdings()["Bill"]))
    with pytest.raises(VendorFault) as caught:
        client.put("Bill", {**_bill("SHIPBOB", "INV-1"), "ReferenceNbr": number}, create_only=True)
    assert caught.value.kind is FaultKind.DUPLICATE
    with pytest.raises(VendorFault) as missing:
        client.put("Shipment", {"ShipmentNbr": "NOPE", "ShipVia": "SBGROUND"}, update_only=True)
    assert missing.value.kind is FaultKind.NOT_FOUND


# ---- what goes wrong -------------------------------------------------------------------------------------------


def test_field_errors_come_with_their_path(site: Site) -> None:
    with pytest.raises(VendorFault) as caught:
        site.open().put("InventoryAdjustment", {**_adjustment("r", 1), "Details": [
            {"InventoryID": "NOPE", "WarehouseID": "SHIPBOB-1", "Qty": 1}]}, create_only=True)
    assert (caught.value.kind, caught.value.executed, caught.value.status) == (
        FaultKind.INVALID, Executed.NO, 422,
    )
    assert "Details[1].InventoryID" in caught.value.message


def test_a_misspelt_field_never_leaves_the_house(site: Site) -> None:
    with pytest.raises(ValueError, match=r"ShipmentPackage\.TrackingNumber"):
        site.open().put("Shipment", {"ShipmentNbr": "S", "Packages": [{"TrackingNumber": "1Z"}]})
    assert site.calls() == 0


@pytest.mark.parametrize(
    ("fault", "kind", "executed"),
    [
        (base.Fault.DROP_BEFORE, FaultKind.UNAVAILABLE, Executed.MAYBE),
        (base.Fault.DROP_AFTER, FaultKind.UNAVAILABLE, Executed.MAYBE),
        (base.Fault.ERROR_500_AFTER, FaultKind.UNAVAILABLE, Executed.MAYBE),
        (base.Fault.ERROR_503_AFTER, FaultKind.UNAVAILABLE, Executed.MAYBE),
        (base.Fault.THROTTLED, FaultKind.THROTTLED, Executed.NO),
    ],
)
def test_the_end_of_a_write_is_judged_by_what_may_have_happened(
    site: Site, fault: base.Fault, kind: FaultKind, executed: Executed
) -> None:
    client = site.open()
    client.endpoints()
    site.simulator.dial.plan(fault, "PUT .*Bill")
    with pytest.raises(VendorFault) as caught:
        client.put("Bill", _bill("SHIPBOB", "INV-1"), create_only=True)
    assert (caught.value.kind, caught.value.executed) == (kind, executed)


def test_a_broken_answer_to_a_read_is_tried_later(site: Site) -> None:
    _order(site, "SO1")
    client = site.open()
    client.endpoints()
    site.simulator.dial.plan(base.Fault.GARBAGE_AFTER, "GET .*SalesOrder")
    with pytest.raises(VendorFault) as caught:
        client.sales_order("SO", "SO1")
    assert (caught.value.kind, caught.value.executed) == (FaultKind.UNAVAILABLE, Executed.NO)


def test_a_collision_is_read_again(site: Site) -> None:
    _order(site, "SO1")
    site.command("collide", entity="SalesOrder")
    with pytest.raises(VendorFault) as caught:
        site.open().put("SalesOrder", {"OrderType": "SO", "OrderNbr": "SO1", "Description": "x"}, update_only=True)
    assert (caught.value.kind, caught.value.executed) == (FaultKind.CONFLICT, Executed.NO)


def test_missing_rights_name_the_form(site: Site) -> None:
    site.command("deny", entity="Bill")
    with pytest.raises(VendorFault) as caught:
        site.open().find_bill("SHIPBOB", "INV-1")
    assert (caught.value.kind, caught.value.alarm) == (FaultKind.FORBIDDEN, True)
    assert "AP301000" in caught.value.message


@pytest.mark.parametrize("status", [429, 500])
def test_a_full_licence_is_a_wait_and_not_a_failure(site: Site, status: int) -> None:
    site.command("switch", seats=0, login_limit_status=status)
    with pytest.raises(VendorFault) as caught:
        site.open().sales_order("SO", "SO1")
    assert (caught.value.kind, caught.value.executed) == (FaultKind.THROTTLED, Executed.NO)


# ---- the site and its custom fields ----------------------------------------------------------------------------


@pytest.mark.parametrize("as_array", [False, True])
def test_the_pinned_endpoint_must_be_served(site: Site, as_array: bool) -> None:
    site.simulator.switches.entity_root_as_array = as_array
    assert "26.200.001" in site.open().check_endpoint().versions("Default")
    with pytest.raises(VendorFault) as caught:
        site.open(endpoint_version="21.200.001").check_endpoint()
    message = caught.value.message
    assert caught.value.kind is FaultKind.CONFIGURATION
    assert "21.200.001" in message
    assert "25.200.001" in message
    assert "\n" not in message


def test_an_endpoint_that_is_not_served_is_configuration(site: Site) -> None:
    with pytest.raises(VendorFault) as caught:
        site.open(endpoint_version="21.200.001").sales_order("SO", "SO1")
    assert (caught.value.kind, caught.value.status) == (FaultKind.CONFIGURATION, 404)


def test_custom_fields_are_probed(site: Site) -> None:
    missing = site.open().missing_custom_fields(
        "SalesOrder", ["Document.AttributeMLCREF", "Document.AttributeTRACKINGNBR", "Details/Transactions.UsrX"]
    )
    assert list(missing) == ["Document.AttributeTRACKINGNBR", "Details/Transactions.UsrX"]


def test_a_custom_field_is_written_and_read_back(site: Site) -> None:
    _order(site, "SO1")
    client = site.open()
    client.put(
        "SalesOrder", {"OrderType": "SO", "OrderNbr": "SO1", "custom": {"Document.AttributeMLCREF": "1Z1"}},
        update_only=True, custom=["Document.AttributeMLCREF"],
    )
    order = client.sales_order("SO", "SO1", custom=["Document.AttributeMLCREF"])
    assert order is not None
    assert order.custom == {"Document.AttributeMLCREF": "1Z1"}


# ---- signing in ------------------------------------------------------------------------------------------------


def _sign_ins(site: Site) -> int:
    return sum(call.path.endswith(("/connect/token", "/auth/login")) for call in site.simulator.calls)


def test_one_token_serves_many_pieces_of_work_and_is_renewed_before_its_end(site: Site) -> None:
    for number in range(5):
        client = site.open(f"record-{number}")
        client.sales_order("SO", "SO1")
        client.close()
    assert _sign_ins(site) == 1
    site.world.clock.advance(hours=1, minutes=-2)
    site.open("later").sales_order("SO", "SO1")
    assert _sign_ins(site) == 2
    assert len(site.simulator.sessions.open) == 1, "refreshes must share one licensed session"


def test_an_expired_token_costs_one_renewal_and_one_repetition(site: Site) -> None:
    _order(site, "SO1")
    site.open().sales_order("SO", "SO1")
    site.world.clock.advance(minutes=10)
    site.command("expire_tokens")
    assert site.open().sales_order("SO", "SO1") is not None
    assert _sign_ins(site) == 2


def test_a_refused_refresh_falls_back_to_the_password_once(site: Site) -> None:
    site.open().sales_order("SO", "SO1")
    site.world.clock.advance(minutes=10)
    site.command("expire_tokens", refresh_tokens=True)
    site.open().sales_order("SO", "SO1")
    assert _sign_ins(site) == 3


def test_a_wrong_password_is_told_and_not_repeated(site: Site) -> None:
    secret = json.loads(site.world.secrets.read("acme/acumatica").current)  # type: ignore[union-attr]
    site.world.secrets.write("acme/acumatica", json.dumps({**secret, "password": "wrong"}))
    for number in range(20):
        client = site.open(f"record-{number}")
        with pytest.raises(VendorFault) as caught:
            client.sales_order("SO", "SO1")
        client.close()
        assert caught.value.kind is FaultKind.EXPIRED
    assert not site.simulator.identity.users[site.simulator.username].locked
    assert len(site.world.alerts.sent) == 1
    assert "wrong" not in site.world.alerts.sent[0].text


def test_consent_is_exchanged_and_its_refresh_token_kept(site: Site) -> None:
    system = site.system.model_copy(update={"auth": "authorization_code"})
    with pytest.raises(VendorFault, match="connections authorize acme --system acumatica"):
        site.open(auth="authorization_code").sales_order("SO", "SO1")
    verifier, redirect = "v" * 50, "http://localhost/callback"
    url = authorize_url(system, site.simulator.client_id, redirect, "state-1", code_challenge(verifier))
    parts = urlsplit(url)
    answer = site.simulator.handle(base.Request("GET", parts.path, parts.query))
    back = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert back["state"] == ["state-1"]
    server = identity_server(site.world.services, "acme", system, holder="cli", wire=site.wire)
    token = server.exchange_code(back["code"][0], redirect, verifier)
    token_cache(site.world.services, "acme", system, server.transport).store(token)
    site.open(auth="authorization_code").sales_order("SO", "SO1")
    site.world.clock.advance(hours=2)
    site.open(auth="authorization_code").sales_order("SO", "SO1")
    server.sign_out(token)
    assert not site.simulator.sessions.open


def test_cookie_sessions_are_replaced_without_taking_a_second_seat(site: Site) -> None:
    site.command("seats", seats=1)
    _order(site, "SO1")
    for _ in range(4):
        client = site.open(auth="cookie")
        assert client.sales_order("SO", "SO1") is not None
        client.close()
        site.world.clock.advance(minutes=17)
    assert len(site.simulator.sessions.open) <= 1
    assert _sign_ins(site) == 4


def test_scope_api_alone_gives_its_seat_back_before_the_next_sign_in(site: Site) -> None:
    site.command("seats", seats=1)
    for _ in range(3):
        client = site.open(scope="api")
        client.sales_order("SO", "SO1")
        client.close()
        site.world.clock.advance(minutes=57)
    assert _sign_ins(site) == 3


def test_a_client_id_of_another_tenant_is_refused_before_anything_is_sent(site: Site) -> None:
    from connector.faults import ConfigurationFault

    with pytest.raises(ConfigurationFault, match="tenant"):
        site.open(tenant="Sandbox").sales_order("SO", "SO1")
    assert site.simulator.calls == []


def test_stored_replies_can_be_parsed_later(site: Site) -> None:
    client = site.open()
    with pytest.raises(ValueError, match="Status"):
        client.read_reply("Shipment", Reply(200, {}, b'{"id": "1", "ShipmentNbr": {"value": "S"}}'), parse_shipment)
