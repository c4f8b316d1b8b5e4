"""Ship Via codes that must not be used: with a carrier plug-in, confirming a shipment buys a second label."""

from __future__ import annotations

from acumatica_shipbob.clients import Accounts
from acumatica_shipbob.settings import AcumaticaShipBob
from connector.pair import Work
from vendors.acumatica.plugins import ViaVerdict, via_verdict


def plug_in_refusal(work: Work[Accounts], document: AcumaticaShipBob, via: str) -> str:
    """Why this Ship Via must not be used; asked once a day. With a carrier plug-in, confirming buys a second label."""
    named = document.settings.shipments.plug_in_ship_vias
    verdict = via_verdict(work.services, work.connection.name, work.clients.acumatica, via, named)
    if verdict is ViaVerdict.ABSENT:
        return f"Ship Via {via} does not exist (form CS207500): create it or correct table carriers, then replay"
    if verdict is ViaVerdict.PLUG_IN:
        return (
            f"Ship Via {via} is bound to a carrier plug-in: confirming the shipment would buy a second label. "
            "Map the carrier to a Ship Via without plug-in, then replay."
        )
    return ""
