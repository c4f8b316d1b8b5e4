"""Flow 2, beside receipts: ShipBob counts again and finds more or less -> one inventory adjustment for each finding.

Off unless configured: an adjustment hits an account. Stowed goods are receipts and never come this way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from connector.outcome import Done, Held, Missing, Outcome, Same
from connector.pair import Flow, Polling, Work
from connector.records import Seen
from netsuite_shipbob.clients import Accounts, document_of
from netsuite_shipbob.items import AT_NETSUITE, netsuite_items
from netsuite_shipbob.mapping.receipts import adjustment_draft
from netsuite_shipbob.reading import since_of
from netsuite_shipbob.writing import begun_draft, create_effect, lost_to_people
from vendors.netsuite.shapes import ADJUSTMENT
from vendors.netsuite.times import company_day
from vendors.shipbob.shapes import Movement, parse_movement

COUNTED = "InventoryAdjusted"
EFFECT = "netsuite.count"


def poll(polling: Polling[Accounts]) -> Iterator[Sequence[Seen]]:
    """Count differences of every mapped centre."""
    document = document_of(polling.connection)
    if document.settings.counts.mode == "off":
        return
    since = since_of(polling)
    for centre in document.tables.locations.values():
        movements = polling.clients.shipbob.movements(
            centre.location_id, since, polling.window.until, category=COUNTED
        )
        for page in movements:
            yield polling.news([_seen(movement) for movement in page if movement.category == COUNTED])


def _seen(movement: Movement) -> Seen:
    text = f"ShipBob counted: {_words(movement)}."
    body = {
        "inventory_audit_event_id": movement.event_id, "event_category": movement.category,
        "event_datetime": movement.occurred_at.isoformat(), "inventory_id": movement.inventory_id,
        "increment": None, "decrement": None, "additional_reference": [],
        "sku": movement.sku, "changes": [list(change) for change in movement.changes],
    }  # fmt: skip
    return Seen(str(movement.event_id), "1", body, (("sku", movement.sku or ""),), text=text)


def _words(movement: Movement) -> str:
    changes = ", ".join(f"{units:+d} at {place}" for place, units in movement.changes)
    return f"{movement.sku or f'inventory {movement.inventory_id}'}: {changes}"


def work(work: Work[Accounts]) -> Outcome:
    """Books one finding."""
    document = document_of(work.connection)
    if document.settings.counts.mode == "off":
        return Same("count differences are not booked (settings.counts.mode)")
    body = work.record.body or {}
    event = parse_movement(body)
    sku = str(body.get("sku") or "") or work.clients.shipbob.inventory_sku(event.inventory_id)
    if not sku:
        return Held(f"ShipBob does not say which SKU inventory {event.inventory_id} is; ask ShipBob, then replay")
    done: dict[str, str] = {}
    for number, (place, units) in enumerate(body["changes"], start=1):
        location = document.location_of(int(place))
        if location is None or not units:
            continue
        key = f"SB-IA-EV-{event.event_id}-{number}"
        draft = begun_draft(work, EFFECT, key)
        if draft is None:
            items = netsuite_items(work, [sku])
            if sku not in items:
                why = f"NetSuite has no stocked item (or several) named {sku}. It continues when there is one."
                return Held(why, (Missing(AT_NETSUITE, sku),))
            day = company_day(event.occurred_at, document.systems.netsuite.zone)
            memo = f"ShipBob count {event.event_id}"
            draft = adjustment_draft([(items[sku], int(units))], location, day, memo, document, {})
        effect = create_effect(work.clients.netsuite, EFFECT, "inventoryAdjustment", ADJUSTMENT)
        ended = work.once(effect, key, draft)
        if not isinstance(ended, Done):
            return ended
        done[key] = str(ended.reference["id"])
    if not done:
        return Same("it concerns no mapped location")
    lost = lost_to_people(work, list(done))
    if lost is not None:
        return lost
    names = ", ".join(done.values())
    return Done({"adjustments": names}, f"NetSuite adjustment {names} holds ShipBob's count of {sku}")


FLOW: Flow[Accounts] = Flow("counts", work, poll, every=timedelta(hours=1), overlap=timedelta(hours=2))
