"""What differs between an order at ShipStation and the one we would send, and what of it the warehouse owns."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from acumatica_shipstation.mapping.orders import identity_of
from acumatica_shipstation.settings import AcumaticaShipStation
from vendors.acumatica.selling import line_changes
from vendors.acumatica.shapes import SalesOrder
from vendors.shipstation.shapes import Order, OrderItem

WAREHOUSE_OWNS = (
    "carrierCode", "serviceCode", "packageCode", "confirmation", "shipDate", "weight", "dimensions", "tagIds",
    "insuranceOptions", "internationalOptions", "gift", "giftMessage", "customerNotes", "paymentDate", "amountPaid",
    "taxAmount", "shippingAmount", "paymentMethod",
)  # fmt: skip
"""Members of an order that people and rules at ShipStation set. A save replaces the whole order: they ride along."""

ITEM_OWNS = ("warehouseLocation", "imageUrl", "fulfillmentSku", "options", "weight", "upc")
"""Members of a line that stay as they are there, as long as it is of the same SKU."""

ERP_OWNS = ("customField1", "customField2", "source", "saturdayDelivery")
"""Advanced options that Acumatica decides; the others, the ship-from place among them, are the warehouse's."""

_COMPARED = ("name", "company", "street1", "street2", "city", "state", "country")


def differences(order: Order, body: Mapping[str, Any]) -> list[str]:
    """What of an order at ShipStation is not what `body` says: lines, address, service. Never a personal value."""
    return [*_item_differences(order.items, body.get("items") or ()), *_address_differences(order, body)]


def _item_differences(there: Sequence[OrderItem], ours: Sequence[Mapping[str, Any]]) -> list[str]:
    wanted = {str(item["lineItemKey"]): item for item in ours if not item.get("adjustment")}
    held = {item.line_item_key or "": item for item in there if not item.adjustment}
    found = []
    for key in sorted({*wanted, *held} - {""}, key=lambda key: (len(key), key)):
        if key not in held:
            found.append(f"line {key} ({wanted[key]['sku']}) is not there")
        elif key not in wanted:
            found.append(f"line {key} ({held[key].sku}) is there and not here")
        elif (held[key].sku, held[key].quantity) != (wanted[key]["sku"], int(wanted[key]["quantity"])):
            found.append(
                f"line {key} is {held[key].quantity} of {held[key].sku} there, "
                f"{wanted[key]['quantity']} of {wanted[key]['sku']} here"
            )
    added = [item for item in there if item.line_item_key is None and not item.adjustment]
    found += [f"{item.quantity} of {item.sku or 'an item without SKU'} was added there" for item in added]
    return found


def _address_differences(order: Order, body: Mapping[str, Any]) -> list[str]:
    """ShipStation decides `residential` itself and may write a longer postal code: neither is an edit."""
    there, here = order.ship_to, body.get("shipTo") or {}
    changed = [name for name in _COMPARED if _tidy(there.get(name)) != _tidy(here.get(name))]
    if _postal(there) != _postal(here):
        changed.append("postalCode")
    if not _same_phone(there.get("phone"), here.get("phone")):
        changed.append("phone")
    return [f"the ship-to {', '.join(changed)} is another one"] if changed else []


def _tidy(value: Any) -> str:
    return " ".join(str(value or "").split()).casefold()


def _postal(address: Mapping[str, Any]) -> str:
    """Only in the United States is what follows the hyphen an addition; elsewhere (00-950 Warsaw) it is the place."""
    code = "".join(str(address.get("postalCode") or "").split()).casefold()
    return code.partition("-")[0] if _tidy(address.get("country")) == "us" else code


def _same_phone(there: Any, here: Any) -> bool:
    """Whether two numbers have the same digits, with the country in front or without; how they are set is no edit."""
    one, other = (re.sub(r"\D", "", str(value or "")) for value in (there, here))
    return one == other or bool(one and other and (one.endswith(other) or other.endswith(one)))


def not_taken(order: Order, body: Mapping[str, Any]) -> list[str]:
    """What of a whole save is not in the order: what `differences` says, the requested service, the ship-from place."""
    found = differences(order, body)
    asked = [_tidy(each.get("requestedShippingService")) for each in (order.document, body)]
    if asked[0] != asked[1]:
        found.append(f"the requested service is {asked[0] or '(none)'} there, {asked[1] or '(none)'} here")
    options = [each.get("advancedOptions") or {} for each in (order.document, body)]
    told = [(str(each.get("customField2") or ""), bool(each.get("saturdayDelivery"))) for each in options]
    dates = [str(each.get("shipByDate") or "")[:10] for each in (order.document, body)]
    if told[0] != told[1] or dates[0] != dates[1]:
        found.append("customer order, ship-by date or Saturday delivery are others there")
    if ship_from(body) is not None and ship_from(order.document) != ship_from(body):
        found.append(f"it ships from {ship_from(order.document)} there, from {ship_from(body)} here")
    return found


def ship_from(body: Mapping[str, Any]) -> int | None:
    """ShipStation's ship-from location of an order; None for the account's default one."""
    place = (body.get("advancedOptions") or {}).get("warehouseId")
    return int(place) if place is not None else None


_SERVICE = ("carrierCode", "serviceCode", "packageCode")


def with_what_the_warehouse_owns(
    body: Mapping[str, Any], order: Order, *, other_service: bool, other_place: bool = False,
    ended: Collection[str] = (),
) -> dict[str, Any]:
    """The body with everything that people at ShipStation have set on the order.

    `other_service`: the Ship Via is another one, so that the carrier that was chosen for the old one does not ride
    along. `other_place`: the lines lie in another Acumatica warehouse, so that the ship-from place follows it.
    `ended`: advanced options of ours that Acumatica has taken back.
    """
    there = order.document
    owned = [name for name in WAREHOUSE_OWNS if not (other_service and name in _SERVICE)]
    kept = {name: there[name] for name in owned if there.get(name) not in (None, [], "")}
    merged = {**kept, **{name: value for name, value in body.items() if name not in kept}, "orderId": order.order_id}
    merged["orderStatus"] = order.status
    notes, line = str(there.get("internalNotes") or ""), str(body.get("internalNotes") or "")
    merged["internalNotes"] = notes if line in notes else f"{line}\n{notes}".strip()
    advanced = {name: value for name, value in (there.get("advancedOptions") or {}).items() if value is not None}
    merged["items"] = _items(body.get("items") or (), there.get("items") or ())
    read_only = {"mergedOrSplit", "mergedIds", "parentId", *ended}
    kept_options = {name: value for name, value in advanced.items() if name not in read_only}
    ours = body.get("advancedOptions", {})
    decided = {name: ours[name] for name in ERP_OWNS if name in ours}
    merged["advancedOptions"] = {**ours, **kept_options, **decided}
    if other_place:
        merged["advancedOptions"].pop("warehouseId", None)
        merged["advancedOptions"] |= {"warehouseId": ours["warehouseId"]} if "warehouseId" in ours else {}
    return merged


def _items(ours: Sequence[Mapping[str, Any]], there: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Our lines with what people set on them there, and the discounts and fees that were added there."""
    held = {(item.get("lineItemKey"), item.get("sku")): item for item in there if not item.get("adjustment")}
    lines = []
    for item in ours:
        kept = held.get((item["lineItemKey"], item["sku"]), {})
        lines.append({**item, **{name: kept[name] for name in ITEM_OWNS if kept.get(name) not in (None, [], "")}})
    read_only = {"orderItemId", "createDate", "modifyDate"}
    added = [item for item in there if item.get("adjustment")]
    return [*lines, *({name: value for name, value in item.items() if name not in read_only} for item in added)]


def changes_since(order: SalesOrder, sent: Mapping[str, Any], document: AcumaticaShipStation) -> list[str]:
    """What became different in Acumatica since `sent`, in words. Our own shipments change none of it."""
    now = identity_of(order, document)
    changes = line_changes(order, sent["lines"], now["lines"])
    if sent["ship_to"] != now["ship_to"]:
        changes.append("the ship-to address or contact is another one")
    if sent["ship_via"] != now["ship_via"]:
        changes.append(f"the Ship Via is {now['ship_via'] or '(none)'} instead of {sent['ship_via'] or '(none)'}")
    before = sent.get("terms") or now["terms"]  # an order of an older version did not remember them
    changes += [
        f"the {name} is {value or '(none)'} instead of {before[name] or '(none)'}"
        for name, value in now["terms"].items() if value != before[name]
    ]  # fmt: skip
    return changes
