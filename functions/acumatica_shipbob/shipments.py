"""Flow 3: shipments, ShipBob -> Acumatica.

A webhook or the catch-up poll names a ShipBob order. For each of its shipments that left: one Acumatica shipment per
warehouse is created, filled (quantities, packages, tracking, carrier) and confirmed. How far the parcels are is folded
into one text on the sales order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from acumatica_shipbob.clients import Accounts, document_of
from acumatica_shipbob.mapping.orders import order_key_of
from acumatica_shipbob.mapping.progress import block, field_text, merge_all, with_block
from acumatica_shipbob.mapping.shipments import Parcel, SentLine, allocate, create_draft, fill_draft, ship_via
from acumatica_shipbob.settings import AcumaticaShipBob
from connector.absence import ONCE_MORE, ask_again_at, gone
from connector.effect import Draft, Effect, Found, Reference, Repeat
from connector.faults import FaultKind, VendorFault
from connector.instants import instant_text, local_day, parse_instant
from connector.outcome import Done, Held, Later, Missing, Outcome, Same
from connector.pair import Flow, Polling, Work
from connector.record import Record, short_hash, to_json
from connector.records import Seen
from connector.services import Services
from connector.transport import Reply
from vendors.acumatica.calls import Ask
from vendors.acumatica.client import Acumatica
from vendors.acumatica.effects import action_effect
from vendors.acumatica.shapes import SalesOrder
from vendors.acumatica.shapes import Shipment as ErpShipment
from vendors.acumatica.shapes import parse_shipment as parse_erp_shipment
from vendors.shipbob.shapes import Order, Shipment, parse_order

CREATE, FILL, CONFIRM, SHOW = (
    "acumatica.shipment",
    "acumatica.packages",
    "acumatica.confirm",
    "acumatica.order_text",
)
SETTLE = timedelta(seconds=60)
CONFIRMED = frozenset({"Confirmed", "Invoiced", "Completed"})
FRESH = timedelta(minutes=2)
"""A body that a poll stored this recently is the newest state."""

TRACKING_PASS = timedelta(hours=1)
"""Deliveries do not always touch an order's last update; ShipBob's tracking filter is asked this often."""


# ---- hearing of shipments -----------------------------------------------------------------------------------


def poll(polling: Polling[Accounts]) -> Iterator[Sequence[Seen]]:
    """Our orders that ShipBob updated, and once an hour those whose tracking changed."""
    document = document_of(polling.connection)
    for orders in polling.clients.shipbob.orders_updated(polling.window.since):
        yield _ours(polling, document, orders)
    last = polling.memory.get("tracking")
    now = polling.window.until
    if last is None or now - parse_instant(str(last)) >= TRACKING_PASS:
        since = parse_instant(str(last)) - TRACKING_PASS if last else polling.window.since
        for orders in polling.clients.shipbob.orders_tracked(since):
            yield _ours(polling, document, orders)
        polling.memory["tracking"] = instant_text(now)


def _ours(polling: Polling[Accounts], document: AcumaticaShipBob, orders: Sequence[Order]) -> list[Seen]:
    rows = [seen(order, document) for order in orders if order_key_of(document, order.reference_id)]
    return polling.news([row for row in rows if row is not None])


def revision_of(order: Order) -> str:
    """What of an order's state matters here, as a hash: an update of anything else wakes nobody."""
    facts = [[shipment.shipment_id, shipment.status, facts_text(shipment)] for shipment in order.shipments]
    return short_hash(to_json([order.status, facts]))


def facts_text(shipment: Shipment) -> str:
    """The facts of a shipment that the order's text or the ERP shipment is made of."""
    merged = merge_all({}, [shipment])[str(shipment.shipment_id)]
    return to_json({key: value for key, value in merged.items() if key != "stamp"})


def seen(order: Order, document: AcumaticaShipBob) -> Seen | None:
    """A sighting of one of our orders."""
    key = order_key_of(document, order.reference_id)
    if key is None:
        return None
    return Seen(
        str(order.order_id),
        revision_of(order),
        dict(order.document),
        (("order", key.split("/", 1)[1]),),
        text=f"ShipBob order {order.order_id} ({order.reference_id}) is {order.status}.",
    )


# ---- the work -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """One ShipBob order with the sales order it belongs to."""

    document: AcumaticaShipBob
    order: Order
    erp_order: tuple[str, str]
    customer: str
    sent: tuple[SentLine, ...]
    progress: Mapping[str, Any]


def work(work: Work[Accounts]) -> Outcome:
    """Writes what left ShipBob to Acumatica, and how far it is to the sales order."""
    document = document_of(work.connection)
    work.clients.acumatica.ready()
    order = _newest(work)
    if order is None:
        return gone(work, f"ShipBob no longer holds order {work.record.source_key}")
    key = order_key_of(document, order.reference_id)
    if key is None:
        return Same(f"ShipBob order {order.order_id} was not sent by this connection")
    work.saw(revision_of(order))
    _refer(work, order, key)
    source = work.other("orders", key)
    if source is None or "lines" not in source.links:
        return Held(f"order {key} is not known as sent; it continues when it is", (Missing("sent order", key),))
    progress = merge_all(work.record.links.get("progress", {}), order.shipments)
    case = Case(document, order, _pair_of(key), str(source.links["customer"]), _sent_lines(source), progress)
    work.link(progress=progress, posted=dict(work.record.links.get("posted", {})), order=key)
    return _post_all(work, case)


def _pair_of(key: str) -> tuple[str, str]:
    order_type, number = key.split("/", 1)
    return order_type, number


def _newest(work: Work[Accounts]) -> Order | None:
    record = work.record
    if record.cause == "poll" and record.body is not None and work.now - parse_instant(record.body_at) < FRESH:
        return parse_order(record.body)
    return work.clients.shipbob.order(int(record.source_key))


def _refer(work: Work[Accounts], order: Order, key: str) -> None:
    work.refer("order", key.split("/", 1)[1])
    for shipment in order.shipments:
        work.refer("shipbob shipment", str(shipment.shipment_id))
        work.refer("tracking", shipment.tracking_number or "")


def _sent_lines(source: Record) -> tuple[SentLine, ...]:
    lines = [
        SentLine(int(row[0]), str(row[1]), int(row[2]), Decimal(str(row[3])), str(row[4]))
        for row in source.links["lines"]
    ]
    return tuple(sorted(lines, key=lambda line: line.line_number))


def _post_all(work: Work[Accounts], case: Case) -> Outcome:
    """Every shipment that left and is not posted, oldest first; then the order's text, if not written on the way."""
    erp = ErpOrder(work, case)
    for shipment in sorted(case.order.shipments, key=lambda found: found.shipment_id):
        if str(shipment.shipment_id) in work.links["posted"] or not _left(shipment, case.document):
            continue
        ended = _post(work, case, erp, shipment)
        if not isinstance(ended, Done):
            return ended
    shown = _show(work, case, erp)
    if not isinstance(shown, Done | Same):
        return shown
    posted, taken = work.links["posted"], _earlier(work, case)
    work.link(complete=all(taken.get(line.line_number, Decimal(0)) >= line.sent for line in case.sent))
    if not posted:
        return Same(f"nothing of ShipBob order {case.order.order_id} has left yet")
    numbers = ", ".join(sorted({number for parts in posted.values() for number in parts["numbers"]}))
    return Done(
        {"shipments": numbers}, f"Acumatica shipment {numbers} holds what left as ShipBob order {case.order.order_id}"
    )


def _left(shipment: Shipment, document: AcumaticaShipBob) -> bool:
    return shipment.status in document.settings.shipments.ship_on and shipment.tracking_number is not None


class ErpOrder:
    """The sales order, read when first needed and at most once."""

    def __init__(self, work: Work[Accounts], case: Case) -> None:
        self._work, self._case = work, case
        self._order: SalesOrder | None = None
        self._listed: list[str] | None = None

    def get(self) -> SalesOrder:
        """The order as it was when first read. Raises VendorFault(NOT_FOUND)."""
        if self._order is None:
            field = self._case.document.settings.shipments.order_field
            custom = (f"Document.{field}",) if field else ()
            self._order = self._work.clients.acumatica.sales_order(*self._case.erp_order, custom=custom)
            self._listed = [shipment.shipment_number for shipment in self._order.shipments] if self._order else None
        if self._order is None:
            text = f"sales order {'/'.join(self._case.erp_order)} no longer exists"
            again = ask_again_at(self._work, text)
            if again is not None:
                raise VendorFault("Acumatica", FaultKind.UNAVAILABLE, f"{text}; {ONCE_MORE}", retry_at=again)
            raise VendorFault("Acumatica", FaultKind.NOT_FOUND, text)
        return self._order

    def outdated(self) -> None:
        """Says that a shipment is being written: what was read before cannot show it."""
        self._listed = None

    def shipment_numbers(self) -> list[str]:
        """Numbers of the order's shipments, read again after one was written."""
        if self._order is None:
            self.get()
        if self._listed is None:
            listed = self._work.clients.acumatica.shipments_of_order(*self._case.erp_order) or ()
            self._listed = [shipment.shipment_number for shipment in listed]
        return self._listed


def _post(work: Work[Accounts], case: Case, erp: ErpOrder, shipment: Shipment) -> Outcome:
    via = ship_via(shipment, case.document)
    if isinstance(via, Missing):
        carrier = shipment.tracking.carrier if shipment.tracking else ""
        return Held(f"carrier {carrier!r} of ShipBob shipment {shipment.shipment_id} has no Ship Via", (via,))
    refusal = _plug_in(work, case.document, via)
    if refusal:
        return Held(refusal)
    parcels = allocate(shipment, case.sent, _earlier(work, case), work.note)
    if isinstance(parcels, Held):
        return parcels
    numbers, taken = [], {}
    for parcel in parcels:
        ended = _post_parcel(work, case, erp, shipment, parcel, via)
        if not isinstance(ended, Done):
            return ended
        numbers.append(str(ended.reference["number"]))
        taken.update({str(line): str(quantity) for line, quantity in parcel.lines.items()})
    work.links["posted"][str(shipment.shipment_id)] = {"numbers": numbers, "lines": taken}
    return Done({"numbers": numbers})


def _earlier(work: Work[Accounts], case: Case) -> dict[int, Decimal]:
    """Base units of each line that earlier shipments took."""
    factors = {line.line_number: line.factor for line in case.sent}
    taken: dict[int, Decimal] = {}
    for posted in work.links["posted"].values():
        for line, quantity in posted["lines"].items():
            taken[int(line)] = taken.get(int(line), Decimal(0)) + Decimal(quantity) * factors.get(int(line), Decimal(1))
    return taken


PLUGIN_LIFE = timedelta(days=1)
PLUGIN_FIELDS = ("CarrierCurrent.IsExternal", "CarrierCurrent.CarrierPluginID")
"""Form fields of CS207500 that the contract lacks; read as custom fields. A site may not answer them: see settings."""


def _plug_in(work: Work[Accounts], document: AcumaticaShipBob, via: str) -> str:
    """Why this Ship Via must not be used; asked once a day. With a carrier plug-in, confirming buys a second label."""
    key = f"shipvia/{work.connection.name}"
    kept = work.services.tables.get("state", key, via)
    if kept is None or kept["verdict"] != "free" or work.now - parse_instant(str(kept["at"])) > PLUGIN_LIFE:
        kept = {"pk": key, "sk": via, "at": instant_text(work.now), "verdict": _verdict(work, document, via)}
        work.services.tables.put("state", kept)
    if kept["verdict"] == "absent":
        return f"Ship Via {via} does not exist (form CS207500): create it or correct table carriers, then replay"
    if kept["verdict"] == "plug-in":
        return (
            f"Ship Via {via} is bound to a carrier plug-in: confirming the shipment would buy a second label. "
            "Map the carrier to a Ship Via without plug-in, then replay."
        )
    return ""


def _verdict(work: Work[Accounts], document: AcumaticaShipBob, via: str) -> str:
    if via in document.settings.shipments.plug_in_ship_vias:
        return "plug-in"
    row = work.clients.acumatica.get("ShipVia", (via,), Ask(select=("CarrierID",), custom=PLUGIN_FIELDS))
    if row is None:
        return "absent"
    return "plug-in" if any(row.custom.get(name) for name in PLUGIN_FIELDS) else "free"


def _post_parcel(
    work: Work[Accounts], case: Case, erp: ErpOrder, shipment: Shipment, parcel: Parcel, via: str
) -> Outcome:
    """Create, fill, confirm: three saves, each exactly once."""
    acumatica = work.clients.acumatica
    stamp = f"sb:{shipment.shipment_id}:{parcel.warehouse}"
    day = _day(work, case.document, shipment)
    made = work.once(
        create_effect(acumatica, erp, stamp, _numbers(work)),
        stamp,
        create_draft(case.erp_order, case.customer, parcel, day, f"ShipBob shipment {stamp}", via),
    )
    if not isinstance(made, Done):
        return made
    number = str(made.reference["number"])
    work.refer("shipment", number)
    filled = _fill(work, case, shipment, parcel, stamp, number, day, via)
    if not isinstance(filled, Done) or not case.document.settings.shipments.confirm:
        return made if isinstance(filled, Done) else filled
    # Before the confirmation, which may run for a while: the order was just read and need not be read again after it.
    shown = _show(work, case, erp)
    if isinstance(shown, Later):
        return shown
    confirmed = work.once(confirm_effect(acumatica, number), stamp, Draft({"ShipmentNbr": number}), absent_at=work.now)
    if not isinstance(confirmed, Done):
        return confirmed
    note_confirmed(work.services, work.connection.name, number, parcel.warehouse)
    return made


def _day(work: Work[Accounts], document: AcumaticaShipBob, shipment: Shipment) -> date:
    shipped = (shipment.tracking.shipped_at if shipment.tracking else None) or shipment.labeled_at
    if shipped is None:
        work.note(f"ShipBob states no ship date for shipment {shipment.shipment_id}: today is used")
    return local_day(shipped or work.now, document.systems.acumatica.zone)


def _fill(
    work: Work[Accounts], case: Case, shipment: Shipment, parcel: Parcel, stamp: str, number: str, day: date, via: str
) -> Outcome:
    acumatica = work.clients.acumatica
    known = work.ledger.lookup(FILL, stamp)
    if known is not None and known.reference:
        return Done(known.reference)
    document = _just_made(work, stamp, number) if known is None else None
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
    draft = fill_draft(document, case.erp_order, parcel, shipment, stamp, day, via, case.document, work.note)
    if isinstance(draft, Held):
        return draft
    return work.once(fill_effect(acumatica, number, stamp), stamp, draft, absent_at=work.now if fresh else None)


def _just_made(work: Work[Accounts], stamp: str, number: str) -> ErpShipment | None:
    """The shipment as the answer to its creation showed it, so that it need not be read again."""
    intent = work.ledger.lookup(CREATE, stamp)
    kept = work.ledger.answer_of(intent) if intent is not None else None
    if kept is None or kept.status >= 300:
        return None
    try:
        made = work.clients.acumatica.read_reply("Shipment", kept, parse_erp_shipment)
    except ValueError:
        return None  # an unreadable answer: the shipment was found by asking, and is read
    return made if made.number == number and made.lines else None


# ---- effects ------------------------------------------------------------------------------------------------


def _numbers(work: Work[Accounts]) -> frozenset[str]:
    """Acumatica shipments that belong to other ShipBob shipments; they need not be looked into."""
    return frozenset(number for posted in work.links["posted"].values() for number in posted["numbers"])


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
        return {"number": acumatica.read_reply("Shipment", reply, parse_erp_shipment).number}

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
        shipment = acumatica.read_reply("Shipment", reply, parse_erp_shipment)
        return {"number": shipment.number, "packages": len(shipment.packages)}

    return Effect(FILL, "Acumatica", Repeat.FINDABLE, SETTLE, find, make, read)


def confirm_effect(acumatica: Acumatica, number: str) -> Effect:
    """Confirms the shipment, so that the order ends as shipped."""

    def achieved() -> Reference | None:
        return {"number": number} if acumatica.read_status("Shipment", number) in CONFIRMED else None

    return action_effect(acumatica, CONFIRM, "Shipment", "ConfirmShipment", {"ShipmentNbr": number}, achieved)


def note_confirmed(services: Services, connection: str, number: str, warehouse: str) -> None:
    """Remembers a confirmed shipment until its stock is posted: the stock flow must count it as in flight."""
    services.tables.put("state", {"pk": f"confirmed/{connection}", "sk": number, "warehouse": warehouse})


# ---- what the sales order shows -----------------------------------------------------------------------------


def _show(work: Work[Accounts], case: Case, erp: ErpOrder) -> Outcome:
    """One folded save per change, none when the order shows it already."""
    field = case.document.settings.shipments.order_field
    text = field_text(case.progress) if field else block(case.progress)
    if not text or {**work.record.links, **work.links}.get("shown") == short_hash(text):
        return Same("the sales order shows it")
    order_type, number = case.erp_order
    body: dict[str, Any] = {"OrderType": order_type, "OrderNbr": number}
    if field:
        body["custom"] = {f"Document.{field}": text}
    else:
        note = erp.get().note
        merged = with_block(note, text)
        if merged == (note or ""):
            work.link(shown=short_hash(text))
            return Same("the sales order shows it")
        body["note"] = merged
    ended = work.once(show_effect(work.clients.acumatica), short_hash(text)[:16], Draft(body, {"text": text}))
    if isinstance(ended, Done):
        work.link(shown=short_hash(text))
        return ended
    if isinstance(ended, Later):
        return ended
    why = getattr(ended, "why", "")
    work.note(f"the sales order could not be updated ({why}); the shipment itself is written")
    return Same(why)


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


FLOW: Flow[Accounts] = Flow("shipments", work, poll, every=timedelta(minutes=15))
