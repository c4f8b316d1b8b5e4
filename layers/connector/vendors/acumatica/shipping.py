"""Shipments that were packed elsewhere, written to Acumatica: the effects, and how each is asked for afterwards.

Create, fill (quantities, packages, tracking), confirm: three saves. Everything carries a stamp of the caller's, in the
shipment's description and in its packages' CustomRefNbr1: a PUT without a number makes a new document each time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from connector.absence import ONCE_MORE, ask_again_at
from connector.asking import NOT_THERE
from connector.effect import Draft, Effect, Found, Reference, Repeat
from connector.faults import FaultKind, VendorFault
from connector.instants import instant_text
from connector.outcome import Done, Held, Later, Missing, Outcome, Refused
from connector.pair import Work
from connector.transport import Reply
from vendors.acumatica.client import Acumatica
from vendors.acumatica.effects import action_effect
from vendors.acumatica.selling import CANCELLED, STOPPED
from vendors.acumatica.shapes import SalesOrder, Shipment, parse_shipment

CREATE, FILL, CONFIRM, RELABEL, SHOW = (
    "acumatica.shipment",
    "acumatica.packages",
    "acumatica.confirm",
    "acumatica.relabel",
    "acumatica.order_text",
)
SETTLE = timedelta(seconds=60)
CONFIRMED = frozenset({"Confirmed", "Invoiced", "Completed"})
"""Statuses of Acumatica shipments that can no longer be edited."""

OUNCES_PER_UNIT = {"OZ": Decimal(1), "LB": Decimal(16), "G": Decimal("0.03527396195"), "KG": Decimal("35.27396195")}


class ErpOrder:
    """The sales order, read when first needed and at most once."""

    def __init__(
        self, work: Work[Any], acumatica: Acumatica, erp_order: tuple[str, str], field: str | None = None
    ) -> None:
        self._work, self._acumatica, self._erp_order, self._field = work, acumatica, erp_order, field
        self._order: SalesOrder | None = None
        self._listed: list[str] | None = None

    def get(self) -> SalesOrder:
        """The order as it was when first read. Raises VendorFault(NOT_FOUND)."""
        if self._order is None:
            custom = (f"Document.{self._field}",) if self._field else ()
            self._order = self._acumatica.sales_order(*self._erp_order, custom=custom)
            self._listed = [shipment.shipment_number for shipment in self._order.shipments] if self._order else None
        if self._order is None:
            text = f"sales order {'/'.join(self._erp_order)} no longer exists"
            again = ask_again_at(self._work, text)
            if again is not None:
                raise VendorFault("Acumatica", FaultKind.UNAVAILABLE, f"{text}; {ONCE_MORE}", retry_at=again)
            raise VendorFault("Acumatica", FaultKind.NOT_FOUND, text)
        return self._order

    def outdated(self) -> None:
        """Says that a shipment is being written: what was read before cannot show it."""
        self._listed = None

    def changed(self) -> None:
        """Says that the order was written: it is read again when it is needed."""
        self._order = None

    def shipment_numbers(self) -> list[str]:
        """Numbers of the order's shipments, read again after one was written."""
        if self._order is None:
            self.get()
        if self._listed is None:
            listed = self._acumatica.shipments_of_order(*self._erp_order) or ()
            self._listed = [shipment.shipment_number for shipment in listed]
        return self._listed


# ---- effects ------------------------------------------------------------------------------------------------


def create_effect(acumatica: Acumatica, erp: ErpOrder, stamp: str, others: frozenset[str]) -> Effect:
    """Creates the shipment. It carries our stamp in its description; the order lists all its shipments."""

    def find(key: str) -> Found | None:
        for number in erp.shipment_numbers():
            shipment = acumatica.shipment(number) if number not in others else None
            if shipment is not None and shipment.description.endswith(stamp):
                return Found({"number": shipment.number})
        return None

    def make(key: str, draft: Draft) -> Reply:
        erp.outdated()
        return acumatica.put("Shipment", draft.body, create_only=True, expand=("Details", "Packages", "Orders"))

    def read(reply: Reply) -> Reference:
        return {"number": acumatica.read_reply("Shipment", reply, parse_shipment).number}

    return Effect(CREATE, "Acumatica", Repeat.FINDABLE, SETTLE, find, make, read)


def fill_effect(acumatica: Acumatica, number: str, stamp: str) -> Effect:
    """Writes quantities and packages. A package row without id is inserted, so it is never sent twice unasked."""

    def find(key: str) -> Found | None:
        shipment = acumatica.shipment(number)
        packages = shipment.packages if shipment is not None else ()
        mine = [package for package in packages if (package.custom_reference_1 or "").startswith(stamp[:30])]
        return Found({"number": number, "packages": len(mine)}) if mine else None

    def make(key: str, draft: Draft) -> Reply:
        return acumatica.put("Shipment", draft.body, update_only=True, expand=("Details", "Packages"))

    def read(reply: Reply) -> Reference:
        shipment = acumatica.read_reply("Shipment", reply, parse_shipment)
        return {"number": shipment.number, "packages": len(shipment.packages)}

    return Effect(FILL, "Acumatica", Repeat.FINDABLE, SETTLE, find, make, read)


def confirm_effect(acumatica: Acumatica, number: str) -> Effect:
    """Confirms the shipment, so that the order ends as shipped."""

    def achieved() -> Reference | None:
        return {"number": number} if acumatica.read_status("Shipment", number) in CONFIRMED else None

    return action_effect(acumatica, CONFIRM, "Shipment", "ConfirmShipment", {"ShipmentNbr": number}, achieved)


def relabel_effect(acumatica: Acumatica) -> Effect:
    """Writes another tracking number onto package rows, named by their ids. The same again changes nothing."""
    return Effect(
        RELABEL,
        "Acumatica",
        Repeat.UPSERT,
        timedelta(0),
        lambda key: None,
        lambda key, draft: acumatica.put("Shipment", draft.body, update_only=True, select=("ShipmentNbr",)),
        lambda reply: {"relabelled": True},
    )


def show_effect(acumatica: Acumatica) -> Effect:
    """Sets the order's field or note. The same text again changes nothing."""
    return Effect(
        SHOW,
        "Acumatica",
        Repeat.UPSERT,
        timedelta(0),
        lambda key: None,
        lambda key, draft: acumatica.put("SalesOrder", draft.body, update_only=True, select=("OrderNbr",)),
        lambda reply: {"shown": True},
    )


# ---- drafts -------------------------------------------------------------------------------------------------


def create_draft(
    erp_order: tuple[str, str], customer: str, warehouse: str, lines: Mapping[int, Decimal], day: date, stamp: str,
    via: str,
) -> Draft:
    """The shipment document: one row per order line (Acumatica form SO302000)."""
    order_type, number = erp_order
    body: dict[str, Any] = {
        "Type": "Shipment",
        "CustomerID": customer,
        "WarehouseID": warehouse,
        "ShipmentDate": day.isoformat(),
        "Description": stamp,
        "ShipVia": via,
        "Details": [{"OrderType": order_type, "OrderNbr": number, "OrderLineNbr": line} for line in sorted(lines)],
    }
    return Draft(body, {"stamp": stamp, "lines": sorted(lines)})


def detail_rows(
    erp: Shipment, erp_order: tuple[str, str], lines: Mapping[int, Decimal]
) -> list[dict[str, Any]] | Held:
    """What must be changed of a new shipment's rows, by their ids: quantities, and rows that are not ours to ship."""
    rows: list[dict[str, Any]] = []
    found: set[int] = set()
    for line in erp.lines:
        mine = (line.order_type, line.order_number) == erp_order and line.order_line_number in lines
        if not mine or line.order_line_number is None:
            rows.append({"id": line.id, "delete": True})
            continue
        wanted = lines[line.order_line_number]
        found.add(line.order_line_number)
        if line.shipped_quantity != wanted:
            rows.append({"id": line.id, "ShippedQty": wanted})
    absent = sorted(set(lines) - found)
    if absent:
        return Held(
            f"Acumatica shipment {erp.number} has no row for order line {', '.join(map(str, absent))}; is it allocated "
            "or shipped elsewhere? Correct it in Acumatica, then replay."
        )
    return rows


def package_row(
    tracking: str, weight_oz: Decimal | None, weight_unit: str, stamp: str, description: str, box: str
) -> dict[str, Any]:
    """One package. `weight_unit` is the company's; an unknown weight is written as 0."""
    weight = ((weight_oz or Decimal(0)) / OUNCES_PER_UNIT[weight_unit]).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    return {
        "BoxID": box,
        "Description": description[:30],
        "Weight": weight,
        "TrackingNbr": tracking,
        "CustomRefNbr1": stamp[:30],
        "Confirmed": True,
    }


def fill_body(
    number: str, via: str, day: date, packages: list[dict[str, Any]], rows: list[dict[str, Any]]
) -> dict[str, Any]:
    """Quantities, packages and carrier of a shipment in one save."""
    body: dict[str, Any] = {
        "ShipmentNbr": number,
        "ShipVia": via,
        "ShipmentDate": day.isoformat(),
        "Hold": False,
        "Packages": packages,
    }
    return {**body, "Details": rows} if rows else body


def just_made(work: Work[Any], acumatica: Acumatica, stamp: str, number: str) -> Shipment | None:
    """The shipment as the answer to its creation showed it, so that it need not be read again."""
    intent = work.ledger.lookup(CREATE, stamp)
    kept = work.ledger.answer_of(intent) if intent is not None else None
    if kept is None or kept.status >= 300:
        return None
    try:
        made = acumatica.read_reply("Shipment", kept, parse_shipment)
    except ValueError:
        return None  # an unreadable answer: the shipment was found by asking, and is read
    return made if made.number == number and made.lines else None


# ---- one shipment, from nothing to confirmed ----------------------------------------------------------------


@dataclass(frozen=True)
class Packed:
    """What one Acumatica shipment shall hold. `lines`: order line -> quantity in the line's unit.

    stamp: names it in its description, behind `title`. mark: begins CustomRefNbr1 of its packages. what: names the
    parcel for people, "ShipBob shipment 12".
    """

    erp_order: tuple[str, str]
    customer: str
    warehouse: str
    lines: Mapping[int, Decimal]
    day: date
    via: str
    stamp: str
    mark: str
    title: str
    what: str
    packages: list[dict[str, Any]]


def write_shipment(
    work: Work[Any],
    acumatica: Acumatica,
    erp: ErpOrder,
    packed: Packed,
    *,
    others: frozenset[str],
    confirm: bool,
    advice: str,
    before_confirm: Callable[[], Outcome],
) -> Outcome:
    """Create, fill, confirm: three saves, each exactly once. Done names the shipment's `number`.

    others: shipments of the order that need not be looked into. before_confirm: runs while the order was just read; the
    confirmation may take a while.
    """
    begun = work.ledger.lookup(CREATE, packed.stamp)
    stopped = stopped_by_order(erp, packed.what) if begun is None or begun.stage in NOT_THERE else None
    if stopped is not None:
        return stopped
    title = f"{packed.title} {packed.stamp}"
    made = work.once(
        create_effect(acumatica, erp, packed.stamp, others),
        packed.stamp,
        create_draft(packed.erp_order, packed.customer, packed.warehouse, packed.lines, packed.day, title, packed.via),
    )
    if isinstance(made, Refused):
        return Refused(f"{made.why}. {advice}")
    if not isinstance(made, Done):
        return made
    number = str(made.reference["number"])
    work.refer("shipment", number)
    filled = _fill(work, acumatica, packed, number)
    if isinstance(filled, Refused):
        return Refused(f"Acumatica shipment {number} could not be filled: {filled.why}. {advice}")
    if not isinstance(filled, Done) or not confirm:
        return made if isinstance(filled, Done) else filled
    shown = before_confirm()
    if isinstance(shown, Later):
        return shown
    draft = Draft({"ShipmentNbr": number})
    confirmed = work.once(confirm_effect(acumatica, number), packed.stamp, draft, absent_at=work.now)
    return made if isinstance(confirmed, Done) else confirmed


def stopped_by_order(erp: ErpOrder, parcel: str) -> Held | None:
    """Why Acumatica would refuse any shipment of this order now; None when it would not."""
    order = erp.get()
    what = f"{parcel} of order {order.key} has left, but the order is {order.status}"
    if order.status in STOPPED:
        seen = f"{order.key}@{instant_text(order.last_modified)}"
        why = f"{what} in Acumatica, where it cannot be shipped meanwhile. It continues when the order changes."
        return Held(why, (Missing("order change", seen),))
    if order.status in CANCELLED:
        return Held(
            f"{what} in Acumatica. Reopen the order there and replay, so that the shipment is written; or expect the "
            "goods back, and close this record."
        )
    return None


def _fill(work: Work[Any], acumatica: Acumatica, packed: Packed, number: str) -> Outcome:
    known = work.ledger.lookup(FILL, packed.stamp)
    if known is not None and known.reference:
        return Done(known.reference)
    document = just_made(work, acumatica, packed.stamp, number) if known is None else None
    fresh = document is not None
    document = document or acumatica.shipment(number)
    if document is None:
        again = ask_again_at(work, f"shipment {number}")
        if again is not None:
            return Later(again, f"Acumatica shows no shipment {number}; {ONCE_MORE}")
        return Held(
            f"Acumatica shipment {number} was deleted after it was created; recreate it there or close the record"
        )
    if document.status in CONFIRMED and any(package.tracking_number for package in document.packages):
        work.note(f"shipment {number} was already confirmed with tracking in Acumatica")
    rows = detail_rows(document, packed.erp_order, packed.lines)
    if isinstance(rows, Held):
        return rows
    body = fill_body(number, packed.via, packed.day, packed.packages, rows)
    effect = fill_effect(acumatica, number, packed.mark)
    return work.once(effect, packed.stamp, Draft(body, {"stamp": packed.mark}), absent_at=work.now if fresh else None)
