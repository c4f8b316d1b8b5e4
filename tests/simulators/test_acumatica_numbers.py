"""Numbers of documents: whoever makes a document, by form or by API, it takes the next one of the same sequence."""

from __future__ import annotations

from local.simulators.acumatica.seed import line, order, seed_company
from local.simulators.acumatica.simulator import AcumaticaSimulator
from tests.support.clock import VirtualClock


def test_shipments_made_by_a_person_and_by_the_api_never_share_a_number() -> None:
    erp = AcumaticaSimulator(VirtualClock())
    seed_company(erp)
    for _ in range(2):
        erp.command("sales_order", order("QUILL", line("0041", 1)))
    row = {"OrderType": "SO", "OrderNbr": "SO000001", "OrderLineNbr": 1}
    put = {"Type": "Shipment", "CustomerID": "QUILL", "WarehouseID": "3PL-WEST", "Details": [row]}
    by_api = erp.command("put", {"entity": "Shipment", "fields": put})["key"]
    by_form = erp.command("create_shipment", {"order_nbr": "SO000002", "warehouse": "3PL-WEST"})["key"]
    assert by_api != by_form
    assert len(erp.holdings()["Shipment"]) == 2
