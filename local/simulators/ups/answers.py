"""Small pieces of answers, with the quirks that the switches ask for."""

from __future__ import annotations

from typing import Any

from local.simulators.ups.world import World


def one_or_many(world: World, items: list[Any]) -> Any:
    """A list; with `single_as_object` a list of one comes as its element, as UPS does on some backends."""
    return items[0] if world.switches.single_as_object and len(items) == 1 else items


def response(world: World, context: str = "", alerts: list[dict[str, str]] | None = None) -> dict[str, Any]:
    """The `Response` member: status 1, alerts, and the echo of CustomerContext (which may be "" as a whole)."""
    echo: Any = {"CustomerContext": context}
    if not context and world.switches.empty_as_text:
        echo = ""
    found: dict[str, Any] = {"ResponseStatus": {"Code": "1", "Description": "Success"}}
    if alerts:
        found["Alert"] = one_or_many(world, alerts)
    return {**found, "TransactionReference": echo}


def context_of(request: dict[str, Any]) -> str:
    """The CustomerContext of a `Request` member, or an empty text."""
    found = request.get("TransactionReference", {})
    return str(found.get("CustomerContext", "")) if isinstance(found, dict) else ""
