"""What a reconciliation reads of Acumatica's shipments: found by their stamp, many read at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from connector.faults import FaultKind, VendorFault
from connector.pair import Survey, Window
from connector.parts import in_parts
from vendors.acumatica.client import BRIEF_PER_CALL, Acumatica
from vendors.acumatica.shapes import ShipmentBrief

Row = Mapping[str, Any]
"""A shipment as plain JSON: it is remembered between attempts."""

Reading = Callable[[ShipmentBrief], Row | None]


def stamped(survey: Survey[Any], client: Acumatica, mark: str) -> dict[str, list[str]]:
    """Shipments that changed in the window and carry our stamp: what the stamp names -> shipment numbers."""

    def listed(window: Window) -> list[list[str]]:
        rows = client.list_changed("Shipment", window.since, window.until, ("Description",))
        cut = [(changed.row, (changed.row.text("Description") or "").partition(mark)) for changed in rows]
        return [[rest.partition(":")[0], row.required_text("ShipmentNbr")] for row, (_, found, rest) in cut if found]

    try:
        pairs = in_parts(survey, "stamped shipments", listed)
    except VendorFault as fault:
        if fault.kind is not FaultKind.UNSUPPORTED_QUERY:
            raise
        pairs = []
        survey.note("This site cannot list shipments: those that our records do not know are not looked for.")
    numbers: dict[str, list[str]] = {}
    for key, number in pairs:
        if number not in numbers.setdefault(key, []):
            numbers[key].append(number)
    return numbers


def shipments(survey: Survey[Any], client: Acumatica, numbers: Iterable[str], row: Reading) -> dict[str, Row]:
    """What `row` makes of these shipments, by number, without those that are not there and those it leaves out.

    Thirty a call where the site can list shipments. Some sites refuse such a list or answer a part of it, so what it
    lacks is read by its key: only that says for sure that there is none.
    """
    wanted, found, listable = sorted(set(numbers)), {}, True
    for place in range(0, len(wanted), BRIEF_PER_CALL):
        part = wanted[place : place + BRIEF_PER_CALL]
        listed = survey.once(f"shipments from {part[0]}", partial(_listed, client, part, row)) if listable else {}
        listable = bool(listed)
        for number in part:
            read = partial(_read, client, number, row)
            found[number] = listed[number] if number in listed else survey.once(f"shipment {number}", read)
    return {number: each for number, each in found.items() if each is not None}


def _listed(client: Acumatica, numbers: list[str], row: Reading) -> dict[str, Row | None]:
    return {each.number: row(each) for each in client.shipments_in_brief(numbers)}


def _read(client: Acumatica, number: str, row: Reading) -> Row | None:
    each = client.shipment_in_brief(number)
    return row(each) if each is not None else None
