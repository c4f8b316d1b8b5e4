"""This pair in an operator's words: what each write does. Read by `explain` and `plan`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connector.pair import Deed
from connector.record import Record

DEEDS: Mapping[str, Deed] = {
    "shipbob.receiving": Deed("create", "a ShipBob receiving order"),
    "shipbob.receiving_cancel": Deed("cancel", "the ShipBob receiving order"),
    "shipbob.receiving_mark": Deed("update", "the ShipBob receiving order (mark it as taken over)"),
    "shipbob.order": Deed("create", "a ShipBob order"),
    "netsuite.receipt": Deed("create", "a NetSuite item receipt"),
    "netsuite.adjustment": Deed("create", "a NetSuite inventory adjustment"),
    "netsuite.fulfilment": Deed("create", "a NetSuite item fulfilment"),
    "netsuite.fulfilment_packages": Deed("update", "packages and tracking of the NetSuite fulfilment"),
    "netsuite.fulfilment_status": Deed("update", "the status of the NetSuite fulfilment"),
    "netsuite.fulfilment_shipped": Deed("update", "the NetSuite fulfilment (mark it as shipped)"),
    "netsuite.order_fields": Deed("update", "tracking fields of the NetSuite order"),
    "netsuite.return": Deed("create", "a NetSuite return authorization"),
    "netsuite.return_lines": Deed("update", "lines of the NetSuite return authorization"),
    "netsuite.return_receipt": Deed("create", "a NetSuite receipt of the return"),
    "netsuite.return_adjustment": Deed("create", "a NetSuite inventory adjustment for the return"),
    "netsuite.bill": Deed("create", "a NetSuite bill or credit"),
    "netsuite.count": Deed("create", "a NetSuite inventory adjustment for a count"),
}


def tell(record: Record) -> Sequence[str]:
    """What a record is linked to on the other side, as sentences."""
    links = record.links
    if record.stream == "orders" and "shipbob_order_id" in links:
        return [f"ShipBob order {links['shipbob_order_id']} holds it."]
    if record.stream == "purchase_orders":
        return [
            f"ShipBob receiving order {entry['id']} ({entry['number']}) for {place}"
            f"{' was cancelled' if entry.get('cancelled') else ' expects it'}."
            for place, entry in sorted((links.get("receiving") or {}).items())
        ]
    return ()
