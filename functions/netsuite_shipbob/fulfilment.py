"""Flow 3, the writes: a fulfilment made once, changed only where it is ours, and what the sales order shows instead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from connector.absence import ONCE_MORE, ask_again_at
from connector.effect import Draft
from connector.instants import parse_instant
from connector.outcome import Done, Held, Later, Missing, Outcome, Same
from connector.pair import Work
from connector.record import short_hash, to_json
from netsuite_shipbob.clients import Accounts, document_of
from netsuite_shipbob.mapping.shipments import allocate, fulfilment_draft, order_fields, packages, status_text
from netsuite_shipbob.places import claim_fields
from netsuite_shipbob.settings import NetSuiteShipBob
from netsuite_shipbob.units import not_in_pieces
from netsuite_shipbob.writing import Target, begun_draft, change_effect, lost_to_people, transform_once
from vendors.netsuite.shapes import FULFILMENT, Order
from vendors.netsuite.times import company_day
from vendors.shipbob.shapes import Order as ShipBobOrder
from vendors.shipbob.shapes import Shipment

FULFIL, RELABEL, STATUS, SHIP, SHOW = (
    "netsuite.fulfilment",
    "netsuite.fulfilment_packages",
    "netsuite.fulfilment_status",
    "netsuite.fulfilment_shipped",
    "netsuite.order_fields",
)
TAKEN_BACK = frozenset({"Cancelled", "CleanSweeped"})
OTHER_LISTS = ("packageUps", "packageFedex", "packageUsps")


@dataclass
class Case:
    """A sales order being fulfilled; `taken` is what this piece of work has fulfilled of it.

    outdated: a write of an earlier piece of work was settled; whether the order as read shows it already, is not known.
    """

    document: NetSuiteShipBob
    order: Order
    taken: dict[int, Decimal] = field(default_factory=dict)
    outdated: bool = False

    def begun(self, work: Work[Accounts], shipment: Shipment) -> Draft | None:
        """The draft of a fulfilment that NetSuite holds or may hold."""
        return begun_draft(work, FULFIL, key_of(shipment))


def key_of(shipment: Shipment) -> str:
    """The external id of a shipment's fulfilment."""
    return f"SB-IF-{shipment.shipment_id}"


def fulfil(work: Work[Accounts], case: Case, shipment: Shipment) -> Outcome:
    """Makes the fulfilment of one shipment, once, and looks at what NetSuite made of it."""
    begun = case.begun(work, shipment)
    draft = begun or _draft(work, case, shipment)
    if isinstance(draft, Held):
        return draft
    source = ("salesOrder", str(draft.identity["order"]))
    ended = transform_once(work, FULFIL, source, Target("itemFulfillment", FULFILMENT), key_of(shipment), draft)
    case.outdated = case.outdated or begun is not None or not isinstance(ended, Done)
    if not isinstance(ended, Done):
        return ended
    identifier = str(ended.reference["id"])
    work.refer("fulfilment", identifier)
    for line, units in draft.identity["lines"].items():
        case.taken[int(line)] = case.taken.get(int(line), Decimal(0)) + Decimal(units)
    checked = _check(work, identifier, shipment)
    if checked is not None:
        return checked
    entry = {"id": identifier, "tracking": draft.identity["tracking"], "shown": draft.identity["shown"]}
    work.links["posted"][str(shipment.shipment_id)] = entry
    return review(work, shipment) or ended


def _draft(work: Work[Accounts], case: Case, shipment: Shipment) -> Draft | Held:
    location = case.document.location_of(shipment.location_id)
    if location is None:
        return Held(
            f"ShipBob shipment {shipment.shipment_id} left fulfilment centre {shipment.location_id}, which no location "
            "of NetSuite is mapped to (tables.locations). It continues when one is. Where another connection has that "
            "centre, fulfil it by hand, then close this record.",
            (Missing("centres", str(shipment.location_id)),),
        )
    skus = {product.sku or product.reference_id for product in shipment.products}
    lines = [line for line in case.order.open_goods() if line.sku in skus]
    held = not_in_pieces(case.order, lines, case.document)
    if held is not None:
        return held
    allotted = allocate(shipment, case.order, case.taken, location, work.note)
    if isinstance(allotted, Held):
        return allotted
    if not allotted.lines:
        return Held(f"ShipBob shipment {shipment.shipment_id} is empty; ask ShipBob, then replay or close this record")
    day, status = _day(work, shipment), _status(work, shipment)
    return fulfilment_draft(
        case.order, allotted, case.taken, shipment, location, day, status, case.document, work.note
    )


def _day(work: Work[Accounts], shipment: Shipment) -> date:
    shipped = (shipment.tracking.shipped_at if shipment.tracking else None) or shipment.labeled_at
    if shipped is None:
        work.note(f"ShipBob states no ship date for shipment {shipment.shipment_id}: today is used")
    return company_day(shipped or work.now, document_of(work.connection).systems.netsuite.zone)


def _status(work: Work[Accounts], shipment: Shipment) -> str:
    zone = document_of(work.connection).systems.netsuite.zone
    facts = work.links["progress"][str(shipment.shipment_id)]
    return status_text(facts, lambda text: company_day(parse_instant(text), zone).isoformat())


def _check(work: Work[Accounts], identifier: str, shipment: Shipment) -> Outcome | None:
    """What NetSuite made of it: the status may have been left at Picked, the packages put on a carrier's list."""
    checked = {**work.record.links.get("checked", {}), **work.links.get("checked", {})}
    if checked.get(identifier):
        return None
    found = work.clients.netsuite.records.get("itemFulfillment", identifier)
    if found is None:
        again = ask_again_at(work, f"fulfilment {identifier} does not show")
        return Later(again, f"fulfilment {identifier} does not show yet; {ONCE_MORE}") if again else None
    if _enum(found.get("shipStatus")) not in ("C", ""):
        effect = change_effect(work.clients.netsuite, SHIP, "itemFulfillment", identifier)
        ended = work.once(effect, identifier, Draft({"shipStatus": {"id": "C"}}))
        if not isinstance(ended, Done):
            return ended
        work.note(f"NetSuite had left fulfilment {identifier} as picked; it is shipped now")
    label = shipment.tracking_number
    if label and label not in _numbers(found) and any(_rows(found, name) for name in OTHER_LISTS):
        return Held(
            f"fulfilment {identifier} was made, but not with tracking number {label}: its ship method belongs to an "
            "integrated carrier, whose package list takes no foreign number. Enter the number there by hand and "
            "replay; for the next ones set shipments.ship_method to a ship item without carrier integration."
        )
    work.link(checked={**checked, identifier: True})
    return None


def _enum(value: Any) -> str:
    """The id of an enumeration, which comes as an object or bare."""
    return str(value.get("id", "") if isinstance(value, Mapping) else value or "")


def _numbers(document: Mapping[str, Any]) -> set[str]:
    """Every tracking number on the packages, whichever list they are in."""
    rows = [row for name in ("package", *OTHER_LISTS) for row in _rows(document, name) if isinstance(row, Mapping)]
    return {str(value) for row in rows for key, value in row.items() if str(key).startswith("packageTrackingNumber")}


def _rows(document: Mapping[str, Any], name: str) -> list[Any]:
    sublist = document.get(name)
    rows = sublist.get("items") if isinstance(sublist, Mapping) else None
    return rows if isinstance(rows, list) else []


# ---- afterwards ----------------------------------------------------------------------------------------------------


def review(work: Work[Accounts], shipment: Shipment) -> Outcome | None:
    """What is to be done for a shipment that NetSuite holds already; None when it is as it was written."""
    entry = dict(work.links["posted"][str(shipment.shipment_id)])
    if shipment.status in TAKEN_BACK:
        return _taken_back(work, shipment, str(entry["id"]))
    lost = lost_to_people(work, [key_of(shipment)])
    if lost is not None:
        return lost
    label = shipment.tracking_number
    if label and label != entry["tracking"]:
        effect = change_effect(work.clients.netsuite, RELABEL, "itemFulfillment", str(entry["id"]), replace="package")
        draft = Draft({"package": {"items": packages(shipment, work.note)}}, {"label": label})
        count = int(entry.get("labels", 0))
        # Numbered, because a number may come back: ShipBob may answer with the label of before for a minute.
        ended = work.once(effect, f"{entry['id']}:{count}:{label}", draft)
        if not isinstance(ended, Done):
            return ended
        work.note(f"tracking number {label} replaces {entry['tracking']} on fulfilment {entry['id']}")
        entry["tracking"], entry["labels"] = label, count + 1
    shown = _show_status(work, shipment, entry)
    work.links["posted"][str(shipment.shipment_id)] = entry
    return shown


def _show_status(work: Work[Accounts], shipment: Shipment, entry: dict[str, Any]) -> Outcome | None:
    name = document_of(work.connection).settings.shipments.status_field
    text = _status(work, shipment)
    if not name or text == entry["shown"]:
        return None
    count = int(entry.get("shows", 0))
    effect = change_effect(work.clients.netsuite, STATUS, "itemFulfillment", str(entry["id"]))
    # Numbered, because a text may come back: in transit, exception, in transit again.
    ended = work.once(effect, f"{entry['id']}:{count}:{short_hash(text)[:12]}", Draft({name: text}))
    if not isinstance(ended, Done):
        return ended
    entry["shown"], entry["shows"] = text, count + 1
    return None


def _taken_back(work: Work[Accounts], shipment: Shipment, identifier: str) -> Outcome | None:
    """Nothing left after all. What was written must go before the units can be written again."""
    if key_of(shipment) in work.clients.netsuite.known([key_of(shipment)]):
        return Held(
            f"ShipBob took shipment {shipment.shipment_id} back ({shipment.status}) after it was written as fulfilment "
            f"{identifier}: nothing will arrive. Delete that fulfilment in NetSuite, then replay."
        )
    work.note(f"fulfilment {identifier} was deleted, as ShipBob took shipment {shipment.shipment_id} back")
    return Same("taken back")


def show_on_order(work: Work[Accounts], order_id: str, order: ShipBobOrder) -> Outcome:
    """Carrier, tracking numbers and status in fields of the sales order; one save per change."""
    document = document_of(work.connection)
    zone = document.systems.netsuite.zone
    fields = order_fields(
        work.links["progress"], document, lambda text: company_day(parse_instant(text), zone).isoformat()
    )
    if not fields:
        return Same(f"nothing of ShipBob order {order.order_id} has left yet")
    if not claim_fields(work.services, work.connection.name, order_id, work.record.source_key):
        return Held(
            f"sales order {order_id} shows another ShipBob order in its fields already, which hold one: nothing was "
            f"overwritten. Add {fields[str(document.settings.shipments.tracking_field)]!r} there by hand, then close "
            "this record."
        )
    print_now = short_hash(to_json(fields))
    if work.record.links.get("shown") == print_now:
        return Done({"order": order_id}, f"sales order {order_id} shows it")
    count = int(work.record.links.get("shows") or 0)
    effect = change_effect(work.clients.netsuite, SHOW, "salesOrder", order_id)
    ended = work.once(effect, f"{order_id}:{count}:{print_now[:12]}", Draft(fields))
    if isinstance(ended, Done):
        work.link(shown=print_now, shows=count + 1)
        return Done({"order": order_id}, f"sales order {order_id} shows carrier, tracking and status")
    return ended
