"""SBA, the REST side: the few reads that every deployment offers. No sales orders, no shipments, no ledger journals.

`/GPService/Tenants(DefaultTenant)/Companies(<name>)/<series>/<resource>(<key>)`, JSON with the suffix `.json` or by
Accept, otherwise XML. What the vendor's help page of GP 2015 lists as exposed is here where orders need it: customers,
items, item sites, sites. Field names and envelopes are not documented; these are one deployment's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote
from xml.sax.saxutils import escape

from local.simulators.base import Reply, Request
from local.simulators.dynamics_gp.holdings import plain
from local.simulators.dynamics_gp.records import Customer, Item, Site
from local.simulators.dynamics_gp.world import World

_PATH = re.compile(
    r"/GPService/Tenants\((?P<tenant>[^)]*)\)/(?:(?P<help>help)|Companies\((?P<company>.*?)\)/(?P<resource>.+))",
    re.IGNORECASE,
)
_RESOURCE = re.compile(r"(?:Dynamics/)?(?P<name>\w+/\w+)(?:\((?P<key>.*)\))?(?P<suffix>\.json|\.xml)?", re.IGNORECASE)


def is_ours(path: str) -> bool:
    """Whether a path belongs to SBA."""
    return path.lower() == "/gpservice" or path.lower().startswith("/gpservice/")


def _customer(customer: Customer) -> dict[str, Any]:
    return {"CustomerNumber": customer.id, "CustomerName": customer.name, "Inactive": not customer.active}


def _item(item: Item) -> dict[str, Any]:
    return {"ItemNumber": item.number, "ItemDescription": item.description, "Discontinued": item.discontinued}


def _site(site: Site) -> dict[str, Any]:
    return {"LocationCode": site.id, "LocationDescription": site.description}


def _item_sites(world: World) -> dict[str, Any]:
    return {
        f"{item};{site}": {
            "ItemNumber": item,
            "LocationCode": site,
            "QTYOnHand": stock.on_hand,
            "QTYAllocated": stock.allocated,
        }
        for (item, site), stock in world.stock.items()
    }


_RESOURCES: dict[str, Callable[[World], dict[str, Any]]] = {
    "sales/customers": lambda world: {each.id: _customer(each) for each in world.customers.values()},
    "inventory/items": lambda world: {each.number: _item(each) for each in world.items.values()},
    "inventory/sites": lambda world: {each.id: _site(each) for each in world.sites.values()},
    "inventory/itemsites": _item_sites,
}


def answer(world: World, request: Request) -> Reply:
    """One SBA request."""
    found = _PATH.fullmatch(unquote(request.path))
    if found is None or found["tenant"].lower() != "defaulttenant":
        return _error(404, "The tenant or the path does not exist.")
    if found["help"]:
        return Reply(200, {"Content-Type": "text/plain"}, "\n".join(sorted(_RESOURCES)).encode())
    if found["company"] != world.company:
        return _error(404, "The company does not exist.")
    resource = _RESOURCE.fullmatch(found["resource"])
    if resource is None or resource["name"].lower() not in _RESOURCES:
        return _error(404, "The resource does not exist. See /help.")
    if request.method != "GET":
        return _error(405, "This service offers reads of this resource only.")
    return _rows(world, request, resource)


def _rows(world: World, request: Request, resource: re.Match[str]) -> Reply:
    rows = _RESOURCES[resource["name"].lower()](world)
    document: Any
    if resource["key"] is not None:
        document = rows.get(resource["key"])
        if document is None:
            return _error(404, "The record does not exist.")
    else:
        limit = dict(request.parameters()).get("limit", "")
        document = list(rows.values())[: int(limit) if limit.isdigit() else world.switches.sba_lists]
    if resource["suffix"] == ".json" or "application/json" in (request.header("Accept") or ""):
        body = json.dumps({"Payload": plain(document)}).encode()
        return Reply(200, {"Content-Type": "application/json; charset=utf-8"}, body)
    listed = document if isinstance(document, list) else [document]
    body = f"<Payload>{''.join(map(_as_xml, listed))}</Payload>".encode()
    return Reply(200, {"Content-Type": "application/xml; charset=utf-8"}, body)


def _as_xml(row: dict[str, Any]) -> str:
    cells = "".join(f"<{name}>{escape(str(plain(value)))}</{name}>" for name, value in row.items())
    return f"<Row>{cells}</Row>"


def _error(status: int, text: str) -> Reply:
    return Reply(status, {"Content-Type": "text/plain; charset=utf-8"}, text.encode())
