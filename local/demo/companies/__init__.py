"""The companies of the local run, one for each pair that has flows."""

from __future__ import annotations

from local.demo.companies import gp, netsuite, shipbob, shipstation, ups
from local.demo.company import Trade

TRADES: tuple[Trade, ...] = (shipbob.TRADE, ups.TRADE, shipstation.TRADE, netsuite.TRADE, gp.TRADE)
