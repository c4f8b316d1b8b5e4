"""Units of measure: ShipBob counts pieces, and a line of an order in NetSuite may count cases.

Whether SuiteQL tells a line's quantity in its own unit or in the item's base unit is documented nowhere, and a record's
quantity is in the line's unit. Only a line in single pieces is the same number everywhere; the others are held.
"""

from __future__ import annotations

from collections.abc import Iterable

from connector.outcome import Held, Missing
from netsuite_shipbob.settings import NetSuiteShipBob
from vendors.netsuite.shapes import Line, Order


def not_in_pieces(order: Order, lines: Iterable[Line], document: NetSuiteShipBob) -> Held | None:
    """Why these lines cannot be counted in pieces; None where they can."""
    strange = [line for line in lines if line.unit_id and line.unit_id not in document.tables.units_of_measure]
    if not strange:
        return None
    names = ", ".join(f"line {line.line_id} ({line.sku}) in unit {line.unit_id}" for line in strange)
    return Held(
        f"{order.number} counts {names} (internal id of a unit of measure), and ShipBob counts pieces. Nothing was "
        "written. If that unit is one piece, add it to tables.units_of_measure and apply: it continues by itself. Else "
        "enter the line in pieces and replay, or book it by hand and close this record.",
        tuple(Missing("units_of_measure", unit) for unit in dict.fromkeys(line.unit_id for line in strange)),
    )
