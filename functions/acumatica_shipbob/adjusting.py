"""Flow 4, posting: one adjustment document at a time, created, released, and followed until it changed the stock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from acumatica_shipbob.clients import Accounts
from acumatica_shipbob.settings import StockSettings
from connector.absence import ONCE_MORE, ask_again_at
from connector.effect import Draft, Effect, Found, Reference, Repeat
from connector.instants import parse_instant
from connector.intent import Intent, Stage
from connector.outcome import Done, Later, Outcome
from connector.pair import Work
from connector.transport import Reply
from vendors.acumatica.client import Acumatica
from vendors.acumatica.effects import action_effect
from vendors.acumatica.shapes import parse_adjustment

ADJUST, RELEASE = "acumatica.adjustment", "acumatica.adjustment_release"


def state_of(work: Work[Accounts]) -> Mapping[str, Any]:
    """What the record remembers, with what this piece of work has changed of it."""
    return {**work.record.links, **work.links}


def unfinished(work: Work[Accounts], name: str) -> Outcome | None:
    """The ending while a document that people release themselves still waits: until it has changed the stock it
    explains a difference that would be posted with every look. None when there is none."""
    number = str(state_of(work).get("awaiting") or "")
    if not number:
        return None
    held = work.clients.acumatica.adjustment(number)
    if held is not None and held.status not in ("Released", "Rejected"):
        why = f"adjustment {number} of {name} is {held.status}; nothing more is posted before it is released"
        return Done({"adjustment": number}, f"{why} or deleted in Acumatica")
    text = f"adjustment {number} of {name} was deleted in Acumatica"
    again = ask_again_at(work, text) if held is None else None
    if again is not None:
        return Later(again, f"{text}; {ONCE_MORE}")
    work.link(awaiting="")
    return None


def reference_of(name: str, pending_at: str) -> str:
    return f"sb:{name}:{parse_instant(pending_at):%Y%m%d%H%M%S}"


def begun_posting(work: Work[Accounts], name: str) -> Intent | None:
    """A posting that may have reached Acumatica and is not finished. It comes before the next look: until it is
    released it explains a difference that a second adjustment would post once more."""
    pending_at = str(state_of(work).get("pending_at") or "")
    intent = work.ledger.lookup(ADJUST, reference_of(name, pending_at)) if pending_at else None
    return intent if intent is not None and intent.stage not in (Stage.PLANNED, Stage.REFUSED) else None


def thrown_away(work: Work[Accounts], name: str) -> Outcome | None:
    """Drops a posting whose document somebody deleted or rejected instead of letting it be released."""
    begun = begun_posting(work, name)
    number = str(begun.reference["number"]) if begun is not None and begun.stage is Stage.DONE else ""
    refused = work.ledger.lookup(RELEASE, number) if number else None
    if refused is None or refused.stage is not Stage.REFUSED:
        return None
    held = work.clients.acumatica.adjustment(number)
    if held is not None and held.status != "Rejected":
        return None
    text = f"adjustment {number} was deleted or rejected in Acumatica: {name} is compared anew"
    again = ask_again_at(work, text) if held is None else None
    if again is not None:
        return Later(again, f"{text}; {ONCE_MORE}")
    work.note(text)
    work.link(pending={}, pending_at="", looks=0)
    return None


def write(work: Work[Accounts], name: str, reference: str, draft: Draft, rules: StockSettings) -> Outcome:
    """Creates the adjustment and releases it, each exactly once."""
    acumatica = work.clients.acumatica
    made = work.once(adjustment_effect(acumatica), reference, draft)
    if not isinstance(made, Done):
        return made
    number = str(made.reference["number"])
    work.refer("adjustment", number)
    if rules.release:
        released = work.once(
            release_effect(acumatica, number), number, Draft({"ReferenceNbr": number}), absent_at=work.now
        )
        if not isinstance(released, Done):
            return released
    else:
        work.link(awaiting=number)
    work.link(pending={}, pending_at="", looks=0, adjustment=number, unsettled=True)
    lines = len(draft.body["Details"])
    return Done({"adjustment": number, "lines": lines}, f"adjustment {number} posted {lines} differences in {name}")


def adjustment_effect(acumatica: Acumatica) -> Effect:
    """Creates the adjustment under its ExternalRef, by which Acumatica can be asked for it."""

    def find(key: str) -> Found | None:
        held = acumatica.find_adjustment(key)
        return Found({"number": held.number}) if held is not None else None

    def make(key: str, draft: Draft) -> Reply:
        return acumatica.put("InventoryAdjustment", draft.body, create_only=True, expand=("Details",))

    def read(reply: Reply) -> Reference:
        return {"number": acumatica.read_reply("InventoryAdjustment", reply, parse_adjustment).number}

    return Effect(ADJUST, "Acumatica", Repeat.FINDABLE, timedelta(seconds=60), find, make, read)


def release_effect(acumatica: Acumatica, number: str) -> Effect:
    """Releases the adjustment, which changes the stock."""

    def achieved() -> Reference | None:
        held = acumatica.adjustment(number)
        return {"number": number} if held is not None and held.status == "Released" else None

    keys: dict[str, Any] = {"ReferenceNbr": number}
    return action_effect(acumatica, RELEASE, "InventoryAdjustment", "ReleaseAdjustment", keys, achieved)
