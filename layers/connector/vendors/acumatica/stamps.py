"""Finding our own shipments by the stamp that `shipping` writes into their description."""

from __future__ import annotations

from typing import Any

from connector.pair import Survey


def stamped_shipments(survey: Survey[Any], mark: str) -> dict[str, list[str]]:
    """Acumatica shipments of the window that carry a stamp such as `sb:33810:W1`: the other side's id -> numbers.

    mark: what the pair's stamps begin with, colon included.
    """
    window = survey.window
    found: dict[str, list[str]] = {}
    for row in survey.clients.acumatica.list_changed("Shipment", window.since, window.until, ("Description",)):
        _, there, rest = (row.row.text("Description") or "").partition(mark)
        if there:
            found.setdefault(rest.partition(":")[0], []).append(row.row.required_text("ShipmentNbr"))
    return found
