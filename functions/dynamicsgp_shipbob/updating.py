"""The write of flow 2: tracking numbers, fulfilled quantities, dates and sites on an open order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connector.effect import Draft, Effect, Found, Reference, Repeat
from connector.transport import Reply
from dynamicsgp_shipbob.entering import SETTLE
from dynamicsgp_shipbob.mapping.shipments import satisfied
from vendors.dynamics_gp.client import DynamicsGp

UPDATE = "gp.order_update"


def update_effect(gp: DynamicsGp, number: str, body: Mapping[str, Any]) -> Effect:
    """Writes to an open order. GP tells nothing back; whether it happened shows on the order."""

    def find(key: str) -> Found | None:
        held = gp.order(number)
        return Found({"number": number}) if held is not None and satisfied(held, body) else None

    def make(key: str, draft: Draft) -> Reply:
        return gp.update_order(draft.body)

    def read(reply: Reply) -> Reference:
        gp.done("UpdateSalesOrder", reply)
        return {"number": number}

    return Effect(UPDATE, "Dynamics GP", Repeat.FINDABLE, SETTLE, find, make, read)
