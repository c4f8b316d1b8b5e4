"""What a bought label leaves behind: its image in the bucket, number and file in Acumatica, its parcels under watch.

All of it may be repeated; none of it can buy anything.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from acumatica_ups.book import Label
from acumatica_ups.clients import Accounts
from acumatica_ups.images import Kept, keep
from acumatica_ups.parcels import announce
from acumatica_ups.settings import AcumaticaUps
from connector.effect import Draft, Effect, Found, Reference, Repeat
from connector.instants import instant_text
from connector.outcome import Done, Held, Outcome, Refused
from connector.pair import Work
from connector.transport import Reply
from vendors.acumatica.client import Acumatica
from vendors.acumatica.files import file_effect
from vendors.acumatica.rows import Row
from vendors.acumatica.shapes import Package, Shipment

TRACKING = "acumatica.tracking"
SETTLE = timedelta(seconds=60)


def finish(work: Work[Accounts], document: AcumaticaUps, shipment: Shipment, label: Label) -> Outcome:
    """Everything that follows from a label, each thing once."""
    done = Done(
        {"shipment_id": label.shipment_id},
        f"shipment {shipment.number} has label {', '.join(label.numbers)}"[:500],
    )
    if {**work.record.links, **work.links}.get("finished") == label.shipment_id:
        return done
    for number in label.numbers:
        work.refer("tracking", number)
    announce(work, document, shipment, label)
    alive = [number for number in label.numbers if number not in _voided(work)]
    written = _write_numbers(work, document, shipment, label, alive)
    if not isinstance(written, Done):
        return _explained(shipment, label, written)
    kept = keep(work, shipment.number, label)
    attached = _attach(work, document, shipment, label, kept)
    if not isinstance(attached, Done):
        return _explained(shipment, label, attached)
    lacking = [number for number in alive if number not in kept.images]
    if lacking:
        return Held(
            f"label {', '.join(lacking)} of shipment {shipment.number} is bought, its number is in Acumatica, but its "
            f"image cannot be had from UPS: try `ml-connector label reprint {shipment.number}` or print it at UPS"
        )
    work.link(finished=label.shipment_id)
    return done


def _voided(work: Work[Accounts]) -> set[str]:
    return {*work.record.links.get("voided_packages", ()), *work.links.get("voided_packages", ())}


def _explained(shipment: Shipment, label: Label, ended: Outcome) -> Outcome:
    """A refusal by the ERP, in words that keep anybody from buying another label."""
    if isinstance(ended, Refused | Held):
        return Held(
            f"label {label.shipment_id} of shipment {shipment.number} is bought, but Acumatica does not take it: "
            f"{ended.why}. Settle that in Acumatica, then replay: the same label is written, none is bought"
        )
    return ended


# ---- tracking numbers ---------------------------------------------------------------------------------------


def _write_numbers(
    work: Work[Accounts], document: AcumaticaUps, shipment: Shipment, label: Label, alive: list[str]
) -> Outcome:
    """All numbers in one save, by row id; freight in the same one."""
    known = work.ledger.lookup(TRACKING, label.shipment_id)
    if known is not None and known.reference:
        return Done(known.reference)
    rows = _rows(document, shipment, label, alive)
    if isinstance(rows, Held):
        return rows
    body: dict[str, Any] = {"ShipmentNbr": shipment.number, "Packages": rows, **_freight(work, document, label)}
    draft = Draft(body, {"shipment": shipment.number, "numbers": alive})
    there = {package.tracking_number for package in shipment.packages}
    # The shipment was read in this very work and shows none of the numbers, which nobody else knows yet.
    fresh = work.now if known is None and not there & set(alive) else None
    ended = work.once(tracking_effect(work.clients.acumatica, shipment.number, alive), label.shipment_id, draft,
                      absent_at=fresh)
    modified = ended.reference.get("modified") if isinstance(ended, Done) else None
    if modified and document.settings.labels.find_shipments == "list":
        work.saw(str(modified))  # our own save is no news
    return ended


def _rows(
    document: AcumaticaUps, shipment: Shipment, label: Label, alive: list[str]
) -> list[dict[str, Any]] | Held:
    """The rows of the packages, matched by the ids they had when the label was bought."""
    bought_for = [str(row[0]) for row in label.facts.get("packages", ())]
    if not bought_for:
        return [_new_row(document, shipment, number) for number in alive[:1]]
    present = {package.id for package in shipment.packages}
    pairs = [pair for pair in zip(bought_for, label.numbers, strict=True) if pair[1] in alive]
    lost = [number for row, number in pairs if row not in present]
    if lost:
        return Held(f"the packages of {', '.join(lost)} were deleted from the shipment")
    return [{"id": row, "TrackingNbr": number} for row, number in pairs]


def _new_row(document: AcumaticaUps, shipment: Shipment, number: str) -> dict[str, Any]:
    weight = shipment.package_weight or shipment.shipped_weight or Decimal(0)
    present = next((package for package in shipment.packages if package.tracking_number == number), None)
    row = {"id": present.id} if present is not None else {"BoxID": document.settings.labels.box, "Weight": weight}
    return {**row, "TrackingNbr": number, "Description": f"UPS {number}", "Confirmed": True}


def _freight(work: Work[Accounts], document: AcumaticaUps, label: Label) -> dict[str, Any]:
    rules = document.settings.labels
    if not rules.freight_cost:
        return {}
    cost, currency = label.reference.get("cost"), label.reference.get("currency")
    if not cost:
        work.note("the freight cost was not written: UPS's answer does not say it")
        return {}
    if currency != rules.currency:
        work.note(f"the freight cost was not written: UPS charges {currency}, the connection says {rules.currency}")
        return {}
    return {"FreightCost": Decimal(str(cost))}


def tracking_effect(acumatica: Acumatica, shipment: str, numbers: list[str]) -> Effect:
    """Writes the numbers. A row without id is inserted, so nothing is sent twice unasked."""

    def find(key: str) -> Found | None:
        found = acumatica.shipment(shipment)
        there = {package.tracking_number for package in found.packages} if found is not None else set()
        return Found({"shipment": shipment, "numbers": numbers}) if set(numbers) <= there else None

    def make(key: str, draft: Draft) -> Reply:
        return acumatica.put("Shipment", draft.body, update_only=True, expand=("Packages",))

    def read(reply: Reply) -> Reference:
        row = acumatica.read_reply("Shipment", reply, lambda row: row)
        there = {package.text("TrackingNbr") for package in row.rows("Packages")}
        if not set(numbers) <= there:
            raise ValueError("the answer does not show every number")
        return {
            "shipment": shipment,
            "numbers": numbers,
            "modified": instant_text(row.required_instant("LastModifiedDateTime")),
        }

    return Effect(TRACKING, "Acumatica", Repeat.FINDABLE, SETTLE, find, make, read)


# ---- files --------------------------------------------------------------------------------------------------


def _attach(work: Work[Accounts], document: AcumaticaUps, shipment: Shipment, label: Label, kept: Kept) -> Outcome:
    """Each label to its package's row, else to the shipment; customs papers to the shipment."""
    if not document.settings.labels.attach_labels:
        return Done()
    files = [(number, f"ups-{number}{kept.suffix(number)}", kept.images[number]) for number in label.numbers
             if number in kept.images and number not in _voided(work)]
    links = _links(work, shipment, label)
    for number, name, content in files:
        ended = attach_file(work, links.get(number) or shipment.upload_link, number, name, content, "UPS label")
        if not isinstance(ended, Done):
            return ended
    for place, content in enumerate(kept.papers, start=1):
        key = f"{label.shipment_id}-papers-{place}"
        ended = attach_file(work, shipment.upload_link, key, f"ups-{key}.pdf", content, "UPS customs papers")
        if not isinstance(ended, Done):
            return ended
    return Done()


def _links(work: Work[Accounts], shipment: Shipment, label: Label) -> dict[str, str | None]:
    """Upload links of the rows by 1Z. A row that we have just inserted is in the answer to that save only."""
    rows: dict[str, Package] = {package.id: package for package in shipment.packages}
    bought_for = [str(row[0]) for row in label.facts.get("packages", ())]
    if bought_for:
        return {
            number: rows[row].upload_link for row, number in zip(bought_for, label.numbers, strict=True) if row in rows
        }
    intent = work.ledger.lookup(TRACKING, label.shipment_id)
    reply = work.ledger.answer_of(intent) if intent is not None else None
    try:
        found = work.clients.acumatica.read_reply("Shipment", reply, _package_links) if reply is not None else {}
    except ValueError:  # an answer of a shape that has no rows: the shipment's own link takes the file
        found = {}
    return found


def _package_links(row: Row) -> dict[str, str | None]:
    return {package.text("TrackingNbr") or "": package.upload_link for package in row.rows("Packages")}


def attach_file(
    work: Work[Accounts], link: str | None, key: str, name: str, content: bytes, comment: str
) -> Outcome:
    """One file through the Ledger. The same name overwrites, so a repetition is harmless."""
    if link is None:
        return Held(f"the site gives no link for attaching {name}; allow files there, or unset attach_labels")
    effect = file_effect(work.clients.acumatica, link, name, content, comment)
    return work.once(effect, key, Draft({"file": name, "bytes": len(content)}, {"file": name}))
