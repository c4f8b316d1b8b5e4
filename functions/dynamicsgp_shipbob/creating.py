"""Creating sales documents under numbers of our own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from connector.effect import Found
from connector.faults import Executed, FaultKind, VendorFault
from connector.intent import Intent, Stage
from connector.outcome import Outcome, Refused
from connector.transport import Reply
from vendors.dynamics_gp.client import DynamicsGp

SHOWN = 5
"""Keys of one kind that a refusal names."""


def named(ended: Outcome, what: str, body: Mapping[str, Any]) -> Outcome:
    """A refusal that says which document it is about, the keys that were sent, and what to do. GP's own words do not.

    `what`: e.g. "ShipBob order 337200001 was not entered". `body`: the document as it was sent.
    """
    if not isinstance(ended, Refused):
        return ended
    heads = {"customer": "CustomerKey", "document id": "DocumentTypeKey", "shipping method": "ShippingMethodKey"}
    sent = [f"{word} {body[name]['Id']}" for word, name in heads.items() if name in body]
    for word, name in {"item": "ItemKey", "site": "WarehouseKey"}.items():
        keys = list(dict.fromkeys(line[name]["Id"] for line in body["Lines"] if name in line))
        sent += [f"{word} {', '.join(keys[:SHOWN])}{' and others' if len(keys) > SHOWN else ''}"] if keys else []
    return Refused(
        f"{what}: {ended.why}. It names {'; '.join(sent)}. Set up in GP what is missing there, or correct the row of "
        "the connection file and apply it; then replay this record"
    )


def begun(intent: Intent | None) -> bool:
    """Whether a write may have left: what it was begun as, it stays, whatever the settings say by now."""
    return intent is not None and intent.stage not in (Stage.PLANNED, Stage.REFUSED)


def create(gp: DynamicsGp, entity: str, body: Mapping[str, Any], shown: Callable[[], Found | None]) -> Reply:
    """Sends a creation. A number that GP calls taken while it shows no such document is a person's matter.

    It belonged to a document that was voided or deleted, and GP never gives such a number out again: asking on would
    never end. Raises VendorFault.
    """
    try:
        return gp.create(entity, body)
    except VendorFault as fault:
        if fault.kind is not FaultKind.DUPLICATE or shown() is not None:
            raise
        text = (
            f"{fault.message}; but GP shows no such document. Its number belonged to one that was voided or deleted, "
            "and is never given out again. Enter it by hand under another number with the same PO number, then replay"
        )
        raise replace(fault, kind=FaultKind.INVALID, message=text, executed=Executed.NO) from fault
