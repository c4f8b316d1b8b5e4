"""Flow 2, a label that was voided: its number is withdrawn or marked; a confirmed shipment goes to a person.

Only where the connection says so is a confirmed shipment opened again. The next label with the same units goes onto it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from acumatica_shipstation.clients import Accounts
from acumatica_shipstation.mapping.parcels import Parcel
from acumatica_shipstation.order_text import show
from acumatica_shipstation.parcels import FREED, change_parcel, drop_parcel, known_parcel
from acumatica_shipstation.posting import NEW_LABEL
from acumatica_shipstation.settings import AcumaticaShipStation
from connector.absence import ONCE_MORE, ask_again_at
from connector.asking import NOT_THERE, ask_as_sent
from connector.effect import Draft, Effect, Found, Repeat
from connector.intent import Intent, Stage
from connector.outcome import Done, Held, Later, Missing, Outcome, Refused, Same
from connector.pair import Work
from vendors.acumatica.client import Acumatica
from vendors.acumatica.effects import action_effect
from vendors.acumatica.shapes import Shipment
from vendors.acumatica.shipping import CONFIRM, CONFIRMED, CREATE, ErpOrder

SETTLE = timedelta(seconds=60)

CORRECT, CLEAR = "acumatica.correct", "acumatica.clear_tracking"


def void(work: Work[Accounts], document: AcumaticaShipStation, parcel: Parcel) -> Outcome:
    """Takes a voided label back, in every sales order that it was written to."""
    orders = [str(order) for order in {**work.record.links, **work.links}.get("orders") or ()]
    stuck: list[Held] = []
    touched = False
    for order in orders:
        ended = _void(work, document, parcel, order)
        if isinstance(ended, Held):
            stuck.append(ended)
        elif isinstance(ended, Done):
            touched = True
        elif not isinstance(ended, Same):
            return ended
    if stuck:
        missing = tuple(dict.fromkeys(each for ended in stuck for each in ended.missing))
        return Held(" ".join(dict.fromkeys(ended.why for ended in stuck)), missing)
    if touched:
        return Done({"voided": parcel.key}, f"{parcel.what} is void, and Acumatica shows it no longer as shipped by it")
    return Same(f"{parcel.what} was voided before anything of it was written")


def _void(work: Work[Accounts], document: AcumaticaShipStation, parcel: Parcel, order: str) -> Outcome:
    name = work.connection.name
    known = known_parcel(work.services, name, order, parcel.key)
    if known is None:
        return Same("nothing of it was written")
    numbers = dict(known.numbers) or _begun(work, order, parcel)
    if known.replaced_by:
        return Done({"replaced_by": known.replaced_by})
    if not numbers:
        drop_parcel(work.services, name, order, parcel.key)
        work.provide(FREED, order)
        return Same("nothing of it was written")
    if not (known.voided and known.reopened):
        change_parcel(work.services, name, order, parcel.key, numbers=numbers, voided=True, withdrawing=True)
    work.provide(FREED, order)
    stuck: list[str] = []
    for warehouse, number in numbers.items():
        confirmed = work.ledger.lookup(CONFIRM, f"ss:{parcel.key}:{order.split('/', 1)[1]}:{warehouse}")
        done = confirmed is not None and confirmed.stage is Stage.DONE
        ended = _take_back(work, document, parcel, number, confirmed=done)
        if isinstance(ended, Refused | Held):
            stuck.append(ended.why)
        elif not isinstance(ended, Done | Same):
            return ended
    order_type, nbr = order.split("/", 1)
    field = document.settings.shipments.order_field
    shown = show(work, order, ErpOrder(work, work.clients.acumatica, (order_type, nbr), field))
    if isinstance(shown, Later):
        return shown
    if stuck:
        change_parcel(work.services, name, order, parcel.key, withdrawing=False)
        return Held(
            f"{parcel.what} of order {order} was voided after it was written: {'; '.join(stuck)}. If another label is "
            "made for the same units, this ends by itself; else correct the shipment in Acumatica, then replay.",
            (Missing(NEW_LABEL, f"{order}|{parcel.key}"),),
        )
    change_parcel(work.services, name, order, parcel.key, withdrawing=False, reopened=True)
    return Done({"voided": parcel.key})


def _begun(work: Work[Accounts], order: str, parcel: Parcel) -> dict[str, str]:
    """Shipments that were created for it by a piece of work that did not come to its end."""
    prefix = f"intent#{CREATE}#ss:{parcel.key}:{order.split('/', 1)[1]}:"
    found = work.services.tables.query("records", work.record.id, prefix=prefix)
    begun = {}
    for item in found.items:
        warehouse = str(item["sk"]).rpartition(":")[2]
        intent = work.ledger.lookup(CREATE, str(item["sk"]).removeprefix(f"intent#{CREATE}#"))
        if intent is not None and intent.reference:
            begun[warehouse] = str(intent.reference["number"])
    return begun


def _take_back(
    work: Work[Accounts], document: AcumaticaShipStation, parcel: Parcel, number: str, *, confirmed: bool
) -> Outcome:
    """One Acumatica shipment: opened again where that is wanted, its package without the number.

    `confirmed`: we have confirmed it, so that an answer in which it is open is one from before that, or a person's act.
    """
    acumatica = work.clients.acumatica
    shipment = acumatica.shipment(number)
    if shipment is None:
        return Same(f"Acumatica shipment {number} was deleted")
    key = f"{number}:{parcel.key}"
    # A long operation: it ends after the work that began it.
    begun = work.ledger.lookup(CORRECT, f"{key}#2") or work.ledger.lookup(CORRECT, key)
    if shipment.status not in CONFIRMED and confirmed and begun is None:
        again = ask_again_at(work, f"that shipment {number} was confirmed")
        if again is not None:
            return Later(again, f"Acumatica shipment {number} shows as {shipment.status}; {ONCE_MORE}")
    if shipment.status in CONFIRMED or (begun is not None and begun.stage is not Stage.DONE):
        if begun is None and not document.settings.voids.reopen:
            return Held(f"Acumatica shipment {number} is {shipment.status} and is not opened again by this connection")
        opened = _open(work, acumatica, number, key)
        if not isinstance(opened, Shipment):
            return opened
        shipment = opened
    rows, effect = _rows(document, parcel, shipment), _clear_effect(acumatica, document, parcel, number)
    if not rows:
        return _cleared(work, effect, key, number)
    draft = Draft({"ShipmentNbr": number, "Packages": rows}, {"void": parcel.key})
    return work.once(effect, key, draft)


def _open(work: Work[Accounts], acumatica: Acumatica, number: str, key: str) -> Shipment | Outcome:
    """The shipment, opened again. An old answer may have shown it open before it was: then it is done once more."""
    shipment: Shipment | None = None
    for turn in (key, f"{key}#2"):
        opened = work.once(_correct_effect(acumatica, number), turn, Draft({"ShipmentNbr": number}))
        if isinstance(opened, Refused):
            return Held(f"Acumatica shipment {number} cannot be opened again ({opened.why})")
        if not isinstance(opened, Done):
            return opened
        shipment = acumatica.shipment(number)
        if shipment is None:
            return Same(f"Acumatica shipment {number} was deleted")
        again = work.ledger.lookup(CORRECT, f"{key}#2")
        if shipment.status not in CONFIRMED and (again is None or again.stage is Stage.DONE):
            return shipment
    return Held(f"Acumatica shipment {number} was opened again and shows as {shipment.status if shipment else 'gone'}")


def _cleared(work: Work[Accounts], effect: Effect, key: str, number: str) -> Outcome:
    """The ending of a shipment that shows the number no longer: a save whose answer was lost is settled by that."""
    sent = work.ledger.lookup(CLEAR, key)
    if sent is not None and sent.stage not in (Stage.DONE, *NOT_THERE):
        asked = ask_as_sent(work, effect, sent)
        if not isinstance(asked, Intent):
            return asked
    return Same(f"shipment {number} shows it no longer")


def _rows(document: AcumaticaShipStation, parcel: Parcel, shipment: Shipment) -> list[dict[str, Any]]:
    mine = [row for row in shipment.packages if row.custom_reference_1 == parcel.mark]
    if document.settings.voids.tracking == "remove":
        return [{"id": row.id, "TrackingNbr": None} for row in mine if row.tracking_number]
    text = f"VOID {parcel.tracking}"[:30]
    return [{"id": row.id, "CustomRefNbr2": text} for row in mine if row.custom_reference_2 != text]


def _correct_effect(acumatica: Acumatica, number: str) -> Effect:
    """Opens a confirmed shipment again; impossible once its stock is posted."""

    def achieved() -> dict[str, str] | None:
        status = acumatica.read_status("Shipment", number)
        return {"number": number} if status is not None and status not in CONFIRMED else None

    return action_effect(acumatica, CORRECT, "Shipment", "CorrectShipment", {"ShipmentNbr": number}, achieved)


def _clear_effect(acumatica: Acumatica, document: AcumaticaShipStation, parcel: Parcel, number: str) -> Effect:
    """Sets rows by id; the shipment tells whether that has worked."""

    def find(_: str) -> Found | None:
        shipment = acumatica.shipment(number)
        return Found({"cleared": True}) if shipment is None or not _rows(document, parcel, shipment) else None

    return Effect(
        CLEAR,
        "Acumatica",
        Repeat.FINDABLE,
        SETTLE,
        find,
        lambda key, draft: acumatica.put("Shipment", draft.body, update_only=True, select=("ShipmentNbr",)),
        lambda reply: {"cleared": True},
    )
