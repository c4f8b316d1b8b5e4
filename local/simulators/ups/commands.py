"""The acts that have no API, by name. Each takes the World and JSON arguments; its docstring names them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from local.simulators.ups import addresses, scans
from local.simulators.ups.records import Portal
from local.simulators.ups.world import World

Command = Callable[[World, dict[str, Any]], Any]


def seed_city(world: World, arguments: dict[str, Any]) -> str:
    """Says which `city` a `postal_code` of a `country` belongs to."""
    city = str(arguments["city"]).upper()
    world.cities[arguments["country"], arguments["postal_code"]] = city
    return city


def set_negotiated(world: World, arguments: dict[str, Any]) -> list[str]:
    """Gives an `account` rates of its own, or takes them away (`eligible` false)."""
    if arguments.get("eligible", True):
        world.negotiating.add(arguments["account"])
    else:
        world.negotiating.discard(arguments["account"])
    return sorted(world.negotiating)


def set_portal(world: World, arguments: dict[str, Any]) -> str:
    """What the merchant types into UPS' portal for Track Alert v2, for the application `app`.

    `url`; `kind` credential or bearer with `credential`; or oauth with `token_url`, `client_id`, `client_secret`.
    """
    given = {name: value for name, value in arguments.items() if name != "app"}
    portal = Portal(**given)
    if portal.kind not in ("credential", "bearer", "oauth"):
        raise ValueError(f"no kind {portal.kind!r}; known: credential, bearer, oauth")
    world.portals[arguments["app"]] = portal
    return portal.kind


COMMANDS: dict[str, Command] = {
    "scan": scans.scan,
    "progress": scans.progress,
    "seed_address": addresses.seed,
    "seed_city": seed_city,
    "set_negotiated": set_negotiated,
    "set_portal": set_portal,
}
