"""The process's own connections to the vendors, where the pairs look for them too; tests put simulators here."""

from __future__ import annotations

from connector.services import Services
from connector.transport import Wire

KEY: tuple[str, ...] = ("wire",)


def wire_of(services: Services) -> Wire:
    """The wire of this process."""
    if KEY not in services.memory:
        from connector.wire import RequestsWire

        services.memory[KEY] = RequestsWire()
    wire: Wire = services.memory[KEY]
    return wire
