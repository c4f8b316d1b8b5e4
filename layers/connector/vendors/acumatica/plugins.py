"""Ship Via codes bound to a carrier plug-in of Acumatica: confirming a shipment with one buys a second label."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from enum import StrEnum
from typing import Any

from connector.instants import instant_text, parse_instant
from connector.pair import Work
from connector.services import Services
from vendors.acumatica.calls import Ask
from vendors.acumatica.client import Acumatica

PLUGIN_LIFE = timedelta(days=1)
PLUGIN_FIELDS = ("CarrierCurrent.IsExternal", "CarrierCurrent.CarrierPluginID")
"""Form fields of CS207500 that the contract lacks; read as custom fields. A site may not answer them: see settings."""


class ViaVerdict(StrEnum):
    """What a Ship Via is."""

    FREE = "free"
    PLUG_IN = "plug-in"
    ABSENT = "absent"


def via_verdict(
    services: Services, connection: str, acumatica: Acumatica, via: str, named: Collection[str]
) -> ViaVerdict:
    """Whether a Ship Via exists and is free of a plug-in. A free one is asked for again after a day.

    `named`: codes that the connection says are bound, for sites that do not show it.
    """
    key, now = f"shipvia/{connection}", services.clock()
    kept = services.tables.get("state", key, via)
    if kept is not None and kept["verdict"] == ViaVerdict.FREE and now - parse_instant(str(kept["at"])) <= PLUGIN_LIFE:
        return ViaVerdict.FREE if via not in named else ViaVerdict.PLUG_IN
    verdict = _asked(acumatica, via, named)
    services.tables.put("state", {"pk": key, "sk": via, "at": instant_text(now), "verdict": verdict.value})
    return verdict


def via_refusal(work: Work[Any], acumatica: Acumatica, via: str, named: Collection[str]) -> str:
    """Why a shipment that left elsewhere must not carry this Ship Via; empty when it may. See `via_verdict`."""
    verdict = via_verdict(work.services, work.connection.name, acumatica, via, named)
    if verdict is ViaVerdict.ABSENT:
        return f"Ship Via {via} does not exist (form CS207500): create it or correct table carriers, then replay"
    if verdict is ViaVerdict.PLUG_IN:
        return (
            f"Ship Via {via} is bound to a carrier plug-in: confirming the shipment would buy a second label. "
            "Map the carrier to a Ship Via without plug-in, then replay."
        )
    return ""


def _asked(acumatica: Acumatica, via: str, named: Collection[str]) -> ViaVerdict:
    if via in named:
        return ViaVerdict.PLUG_IN
    row = acumatica.get("ShipVia", (via,), Ask(select=("CarrierID",), custom=PLUGIN_FIELDS))
    if row is None:
        return ViaVerdict.ABSENT
    return ViaVerdict.PLUG_IN if any(row.custom.get(name) for name in PLUGIN_FIELDS) else ViaVerdict.FREE
