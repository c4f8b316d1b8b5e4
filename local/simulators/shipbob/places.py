"""Channels, locations and fulfilment centres."""

from __future__ import annotations

from typing import Any

from local.simulators.base import Reply
from local.simulators.shipbob import pages
from local.simulators.shipbob.gateway import Asked
from local.simulators.shipbob.problems import answer, problem
from local.simulators.shipbob.records import Location
from local.simulators.shipbob.world import World


def list_channels(world: World, asked: Asked) -> Reply:
    """GET /channel: the first one is often read-only; the token is a plain cursor."""
    where = pages.position(world, asked.query, problem)
    rows, cursor = pages.cut(
        list(world.channels.values()), lambda channel: channel.id, where, asked.query.get("RecordsPerPage", 50)
    )
    joined = world.switches.scopes_as_text
    items = [
        {
            "id": channel.id,
            "name": channel.name,
            "application_name": channel.application_name,
            "scopes": [" ".join(channel.scopes)] if joined else list(channel.scopes),
        }
        for channel in rows
    ]
    return answer({"items": items, "next": cursor, "prev": None})


def _service(location: Location, kind: str) -> dict[str, Any]:
    name = "ShipBob, Inc." if kind == "Receiving" else "ShipBob, Inc. [ATTN: Returns]"
    return {"service_type": kind, "enabled": location.access_granted, "address": {"name": name, **location.address}}


def list_locations(world: World, asked: Asked) -> Reply:
    """GET /location: a bare array; time zones are Windows names."""
    query = asked.query
    rows = [
        {
            "id": location.id,
            "name": location.name,
            "abbreviation": location.abbreviation,
            "timezone": location.timezone,
            "is_active": location.is_active,
            "is_receiving_enabled": location.is_receiving_enabled,
            "is_shipping_enabled": location.is_shipping_enabled,
            "access_granted": location.access_granted,
            "attributes": ["Eco-Pack", "Fragile Pack"],
            "region": {"id": location.region[0], "name": location.region[1]},
            "services": [_service(location, "Receiving"), _service(location, "Returns")],
        }
        for location in world.locations.values()
        if (location.is_active or query.get("IncludeInactive"))
        and query.get("ReceivingEnabled", location.is_receiving_enabled) == location.is_receiving_enabled
        and query.get("AccessGranted", location.access_granted) == location.access_granted
    ]
    return answer(rows)


def center_view(location: Location) -> dict[str, Any]:
    """A fulfilment centre as /fulfillment-center and receiving orders show it."""
    return {"id": location.id, "name": location.name, "timezone": location.timezone, **location.address}


def list_centers(world: World, asked: Asked) -> Reply:
    """GET /fulfillment-center: the receiving sites."""
    return answer(
        [
            center_view(location)
            for location in world.locations.values()
            if location.is_active and location.is_receiving_enabled
        ]
    )
