"""V2: labels and shipments by the mapped ids (`se-` before V1's), downloads, tracking, voids. JSON in snake_case."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from local.simulators.base import Reply, json_reply
from local.simulators.shipstation import masters, pacific, shipments
from local.simulators.shipstation.asked import Asked
from local.simulators.shipstation.problems import v2_refusal
from local.simulators.shipstation.records import Order, Shipment
from local.simulators.shipstation.world import World

SIZE = 25
FORMATS = {"pdf": "application/pdf", "png": "image/png", "zpl": "application/zpl"}
UNITS = {"pounds": "pound", "ounces": "ounce", "grams": "gram"}
STATES = {"cancelled": "cancelled", "shipped": "label_purchased", "pending_fulfillment": "processing"}


def list_labels(world: World, asked: Asked) -> Reply:
    """GET /v2/labels: no filter on the modify date."""
    query = asked.query
    rows = [
        each
        for each in world.shipments.values()
        if query.get("label_status", _status(each)) == _status(each)
        and query.get("service_code", each.service) == each.service
        and query.get("carrier_id", _carrier_id(each)) == _carrier_id(each)
        and ("tracking_number" not in query or query["tracking_number"] in each.tracking_numbers)
        and query.get("shipment_id", f"se-{each.order_id}") == f"se-{each.order_id}"
        and query.get("batch_id", f"se-{each.batch}") == f"se-{each.batch}"
        and query.get("warehouse_id", f"se-{each.warehouse_id}") == f"se-{each.warehouse_id}"
        and "rate_id" not in query
        and _within(asked, "created_at", each.created)
    ]
    return _page(world, asked, "labels", rows, lambda each: label_view(world, asked, each, "url"))


def get_label(world: World, asked: Asked) -> Reply:
    """GET /v2/labels/{label_id}; 404 with an empty body."""
    found = _label(world, asked)
    kind = asked.query.get("label_download_type", "url")
    return json_reply(200, label_view(world, asked, found, kind)) if found else Reply(404, {}, b"")


def _label(world: World, asked: Asked) -> Shipment | None:
    return world.shipments.get(int(asked.names["label_id"].removeprefix("se-")))


def void_label(world: World, asked: Asked) -> Reply:
    """PUT /v2/labels/{label_id}/void: a refusal is a 200 too."""
    found = _label(world, asked)
    if found is None:
        raise v2_refusal(404, "not_found", "The label was not found.")
    approved, text, reason = shipments.void(world, found)
    return json_reply(200, {"approved": approved, "message": text, **({} if approved else {"reason_code": reason})})


def track(world: World, asked: Asked) -> Reply:
    """GET /v2/labels/{label_id}/track: nothing has moved yet."""
    found = _label(world, asked)
    if found is None:
        raise v2_refusal(404, "not_found", "The label was not found.")
    answer: dict[str, Any] = {
        "tracking_number": found.tracking_numbers[0],
        "status_code": "NY",
        "status_description": "Not Yet In System",
        "carrier_status_code": "M",
        "carrier_status_description": "Shipper created a label.",
        "ship_date": None,
        "estimated_delivery_date": None,
        "actual_delivery_date": None,
        "exception_description": None,
        "events": [],
    }
    return json_reply(200, answer)


def download(world: World, asked: Asked) -> Reply:
    """GET /v2/downloads/{dir}/{subdir}/{filename}: the file behind a label's link."""
    number, _, kind = asked.names["filename"].removeprefix("label-").partition(".")
    found = world.shipments.get(int(number)) if number.isdigit() else None
    if found is None or kind not in FORMATS or asked.names["subdir"] != _folder(found):
        raise v2_refusal(404, "not_found", "The file was not found.")
    return Reply(200, {"Content-Type": FORMATS[kind]}, shipments.image_of(found, kind))


def _folder(shipment: Shipment) -> str:
    """A part of the link that nobody guesses."""
    return base64.urlsafe_b64encode(f"{shipment.id * 7919}".encode()).decode().rstrip("=")


def _carrier_id(shipment: Shipment) -> str:
    return next(f"se-{carrier[5]}" for carrier in masters.CARRIERS if carrier[1] == shipment.carrier)


def _status(shipment: Shipment) -> str:
    return "voided" if shipment.voided else "completed"


def _money(amount: Any) -> dict[str, Any]:
    return {"currency": "usd", "amount": float(amount)}


def _weight(weight: Mapping[str, Any] | None) -> dict[str, Any]:
    shown = weight or {"value": 0, "units": "ounces"}
    return {"value": shown["value"], "unit": UNITS[shown["units"]]}


def _links(asked: Asked, shipment: Shipment, kind: str) -> dict[str, str]:
    if kind == "inline":
        image = base64.b64encode(shipments.image_of(shipment, "pdf")).decode()
        return {"href": f"data:application/pdf;base64,{image}"}
    stem = f"{asked.base}/v2/downloads/10/{_folder(shipment)}/label-{shipment.id}"
    return {"href": f"{stem}.pdf", **{name: f"{stem}.{name}" for name in FORMATS}}


def label_view(world: World, asked: Asked, shipment: Shipment, kind: str) -> dict[str, Any]:
    """One label with its packages."""
    order = world.orders.get(shipment.order_id or 0)
    packages = [
        {
            "package_code": shipment.package,
            "weight": _weight(shipment.weight),
            "tracking_number": number,
            "sequence": place,
        }
        for place, number in enumerate(shipment.tracking_numbers, 1)
    ]
    return {
        "label_id": f"se-{shipment.id}",
        "status": _status(shipment),
        **({"shipment_id": f"se-{order.id}"} if order else {}),
        "external_shipment_id": order.key if order else None,
        "external_order_id": None,
        "ship_date": f"{shipment.ship_date}T00:00:00Z",
        "created_at": pacific.utc_text(shipment.created),
        "shipment_cost": _money(shipment.cost),
        "insurance_cost": _money(shipment.insurance),
        "tracking_number": shipment.tracking_numbers[0],
        "is_return_label": shipment.is_return,
        "rma_number": None,
        "is_international": bool(shipment.ship_to) and (shipment.ship_to or {}).get("country") != "US",
        **({"batch_id": f"se-{shipment.batch}"} if shipment.batch else {}),
        "carrier_id": _carrier_id(shipment),
        "charge_event": "carrier_default",
        "service_code": shipment.service,
        "package_code": shipment.package,
        "voided": shipment.voided is not None,
        "voided_at": pacific.utc_text(shipment.voided) if shipment.voided else None,
        "label_format": "pdf",
        "display_scheme": "label",
        "label_layout": "4x6",
        "trackable": True,
        "label_image_id": None,
        "carrier_code": shipment.carrier,
        "confirmation": shipment.confirmation or "none",
        "tracking_status": "unknown",
        "tracking_url": None,
        "label_download": _links(asked, shipment, kind),
        "form_download": None,
        "insurance_claim": None,
        "packages": packages,
    }


def list_shipments(world: World, asked: Asked) -> Reply:
    """GET /v2/shipments: V1's orders, with the filters that V1 lacks."""
    query = asked.query
    rows = [
        each
        for each in world.orders.values()
        if query.get("shipment_status", STATES.get(each.status, "pending")) == STATES.get(each.status, "pending")
        and query.get("shipment_number", each.number) == each.number
        and query.get("external_shipment_id", each.key) == each.key
        and query.get("store_id", f"se-{each.store_id}") == f"se-{each.store_id}"
        and _within(asked, "created_at", each.created)
        and _within(asked, "modified_at", each.modified)
    ]
    return _page(world, asked, "shipments", rows, shipment_view)


def get_shipment(world: World, asked: Asked) -> Reply:
    """GET /v2/shipments/{shipment_id}."""
    return _shipment(world.orders.get(int(asked.names["shipment_id"].removeprefix("se-"))))


def get_by_external_id(world: World, asked: Asked) -> Reply:
    """GET /v2/shipments/external_shipment_id/{key}: the look-up by orderKey that V1 cannot do."""
    return _shipment(world.orders.get(world.keys.get(asked.names["external_shipment_id"], 0)))


def _shipment(order: Order | None) -> Reply:
    if order is None:
        raise v2_refusal(404, "not_found", "The shipment was not found.")
    return json_reply(200, shipment_view(order))


def shipment_view(order: Order) -> dict[str, Any]:
    """One V1 order under its V2 names."""
    return {
        "shipment_id": f"se-{order.id}",
        "external_shipment_id": order.key,
        "shipment_number": order.number,
        "store_id": f"se-{order.store_id}",
        "created_at": pacific.utc_text(order.created),
        "modified_at": pacific.utc_text(order.modified),
        "shipment_status": STATES.get(order.status, "pending"),
        "hold_until_date": f"{order.hold_until}T00:00:00Z" if order.hold_until else None,
        "ship_to": _address(order.content["shipTo"]),
        "ship_from": _address(masters.ORIGIN),
        "return_to": _address(masters.ORIGIN),
        "confirmation": order.content["confirmation"] or "none",
        "advanced_options": {},
        "insurance_provider": "none",
        "packages": [{"package_code": "package", "weight": _weight(order.content["weight"])}],
        "total_weight": _weight(order.content["weight"]),
        "items": [
            {
                "name": item["name"],
                "sku": item["sku"],
                "quantity": item["quantity"],
                "external_order_item_id": item["lineItemKey"],
            }
            for item in order.items
        ],
        "tags": [],
    }


def _address(address: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": address["name"] or "",
        "phone": address["phone"] or "",
        "email": None,
        "company_name": address["company"] or None,
        "address_line1": address["street1"] or "",
        "address_line2": address["street2"] or None,
        "address_line3": address["street3"] or None,
        "city_locality": address["city"] or "",
        "state_province": address["state"] or "",
        "postal_code": address["postalCode"] or "",
        "country_code": address["country"] or "",
        "address_residential_indicator": {True: "yes", False: "no"}.get(bool(address["residential"]), "unknown"),
    }


def _within(asked: Asked, name: str, moment: Any) -> bool:
    start, end = asked.query.get(f"{name}_start"), asked.query.get(f"{name}_end")
    return (start is None or moment >= start) and (end is None or moment <= end)


def _page(world: World, asked: Asked, name: str, rows: Sequence[Any], view: Callable[[Any], dict[str, Any]]) -> Reply:
    page, size = asked.query.get("page", 1), asked.query.get("page_size", SIZE)
    newest_first = asked.query.get("sort_dir", "desc") == "desc"
    ordered = sorted(rows, key=lambda each: (each.created, each.id), reverse=newest_first)
    shown = ordered[(page - 1) * size : page * size]
    pages = -(-len(ordered) // size)

    def link(number: int) -> dict[str, str]:
        if not 1 <= number <= pages:
            return {}
        return {"href": f"{asked.base}{asked.request.path}?page={number}&page_size={size}"}

    links = {"first": link(1), "last": link(pages), "prev": link(page - 1), "next": link(page + 1)}
    shown = shown[:-1] if world.loses_last_row else shown
    answer = {name: [view(each) for each in shown], "total": len(ordered), "page": page, "pages": pages}
    return json_reply(200, {**answer, "links": links})
