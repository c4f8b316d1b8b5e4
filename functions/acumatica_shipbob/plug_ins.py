"""Ship Via codes that must not be used: with a carrier plug-in, confirming a shipment buys a second label."""

from __future__ import annotations

from datetime import timedelta

from acumatica_shipbob.clients import Accounts
from acumatica_shipbob.settings import AcumaticaShipBob
from connector.instants import instant_text, parse_instant
from connector.pair import Work
from vendors.acumatica.calls import Ask

PLUGIN_LIFE = timedelta(days=1)
PLUGIN_FIELDS = ("CarrierCurrent.IsExternal", "CarrierCurrent.CarrierPluginID")
"""Form fields of CS207500 that the contract lacks; read as custom fields. A site may not answer them: see settings."""


def plug_in_refusal(work: Work[Accounts], document: AcumaticaShipBob, via: str) -> str:
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
