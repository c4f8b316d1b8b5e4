"""Customers: read only. ShipStation makes a profile by itself from an order that names a username."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local.simulators.base import Reply, json_reply
from local.simulators.shipstation import pacific, pages
from local.simulators.shipstation.asked import Asked
from local.simulators.shipstation.problems import message
from local.simulators.shipstation.records import Customer
from local.simulators.shipstation.world import World

_SORTS = {
    "Name": lambda each: each.name.lower(),
    "ModifyDate": lambda each: pacific.wall(each.modified),
    "CreateDate": lambda each: pacific.wall(each.created),
}


def profile_of(world: World, body: Mapping[str, Any]) -> int | None:
    """The profile of the order's customer, made when it is new; None for an order without a username."""
    username = body.get("customerUsername")
    if not username:
        return None
    known = next((each for each in world.customers.values() if each.username == username), None)
    if known is None:
        address, now = body["shipTo"], world.now()
        name = address.get("name") or username
        known = Customer(world.number("customer"), username, now, now, name, body.get("customerEmail"), dict(address))
        world.put(world.customers, known.id, known)
    return known.id


def list_customers(world: World, asked: Asked) -> Reply:
    """GET /customers: no filter by e-mail, name or date."""
    rows = [
        each
        for each in world.customers.values()
        if pages.equal(asked, {"stateCode": each.address.get("state"), "countryCode": each.address.get("country")})
        and asked.query.get("marketplaceId", 0) == 0
        and "tagId" not in asked.query
    ]
    return pages.answer(world, asked, "customers", rows, _SORTS, lambda each: each.id, _view)


def get_one(world: World, asked: Asked) -> Reply:
    """GET /customers/{customerId}."""
    found = world.customers.get(int(asked.names["customerId"]))
    if found is None:
        raise message(404, f"Customer {asked.names['customerId']} was not found.")
    return json_reply(200, _view(found))


def _view(customer: Customer) -> dict[str, Any]:
    made, modified = pacific.long_text(customer.created), pacific.long_text(customer.modified)
    address = customer.address
    username = {
        "customerUserId": customer.id + 50_000_000,
        "customerId": customer.id,
        "createDate": made,
        "modifyDate": modified,
        "marketplaceId": 0,
        "marketplace": "ShipStation",
        "username": customer.username,
    }
    return {
        "customerId": customer.id,
        "createDate": made,
        "modifyDate": modified,
        "name": customer.name,
        **{name: address.get(name) for name in ("company", "street1", "street2", "city", "state", "postalCode")},
        "countryCode": address.get("country"),
        "phone": address.get("phone"),
        "email": customer.email,
        "addressVerified": "Verified",
        "marketplaceUsernames": [username],
        "tags": None,
    }
