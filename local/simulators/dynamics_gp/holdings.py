"""Everything that the simulated GP holds, as plain JSON: what closing tables are read from."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from local.simulators.dynamics_gp.records import InventoryDocument, SalesDocument
from local.simulators.dynamics_gp.world import World


def plain(value: Any) -> Any:
    """Decimals as text without needless zeros, moments as ISO text."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value


def _sales(document: SalesDocument) -> dict[str, Any]:
    fields = document.fields
    return {
        "type": document.type,
        "number": document.number,
        "state": document.state,
        "voided": document.voided,
        "transferred": document.transferred,
        "source": document.source,
        "opened_by": document.opened_by,
        "customer": fields["CustomerKey"]["Id"],
        "po_number": fields.get("CustomerPONumber", ""),
        "document_type": fields["DocumentTypeKey"]["Id"],
        "batch": fields["BatchKey"]["Id"],
        "total": plain(fields["TotalAmount"]["Value"]),
        "tracking_numbers": [each["Key"]["Id"] for each in fields.get("TrackingNumbers", ())],
        "created": document.created.isoformat(),
        "modified": document.modified.isoformat(),
        "fields": plain(dict(fields)),
    }


def _inventory(document: InventoryDocument) -> dict[str, Any]:
    return {
        "kind": document.kind,
        "number": document.number,
        "created_as": document.created_as,
        "state": document.state,
        "batch": document.fields["BatchKey"]["Id"],
        "created": document.created.isoformat(),
        "modified": document.modified.isoformat(),
        "lines": plain(document.fields["Lines"]),
    }


def holdings(world: World) -> dict[str, Any]:
    """Documents sorted by type and number, stock by item and site, masters."""
    sales = sorted(world.sales.values(), key=lambda each: (each.type, each.number))
    inventory = sorted(world.inventory.values(), key=lambda each: (each.kind, each.number))
    return {
        "company": world.company,
        "sales": [_sales(each) for each in sales],
        "inventory": [_inventory(each) for each in inventory],
        "stock": [
            {"item": item, "site": site, **plain(asdict(stock)), "available": plain(stock.available)}
            for (item, site), stock in sorted(world.stock.items(), key=lambda entry: entry[0])
        ],
        "items": sorted(item.number for item in world.items.values()),
        "customers": sorted(customer.id for customer in world.customers.values()),
        "sites": sorted(site.id for site in world.sites.values()),
        "cut": list(world.cut),
        "ignored": list(world.ignored),
        "strict_violations": list(world.strict_violations),
    }
