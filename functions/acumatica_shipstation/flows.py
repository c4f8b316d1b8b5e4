"""The pair Acumatica - ShipStation."""

from __future__ import annotations

from acumatica_shipstation import orders
from acumatica_shipstation.clients import Accounts, open_accounts
from acumatica_shipstation.settings import AcumaticaShipStation
from acumatica_shipstation.words import DEEDS, tell
from connector.pair import Pair

NAME = "acumatica_shipstation"

PAIR: Pair[Accounts] = Pair(
    NAME, AcumaticaShipStation, (orders.FLOW,), open_accounts, deeds=DEEDS, tell=tell
)
