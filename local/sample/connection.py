"""The sample connection files, with addresses and start filled in."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from string import Template
from typing import Any

FILE = Path(__file__).with_name("connection.json")
UPS_FILE = Path(__file__).with_name("connection_ups.json")
SHIPSTATION_FILE = Path(__file__).with_name("connection_shipstation.json")
NETSUITE_FILE = Path(__file__).with_name("connection_netsuite.json")
NETSUITE_NAME = "sample-netsuite"
GP_FILE = Path(__file__).with_name("connection_gp.json")
NAME, UPS_NAME, SHIPSTATION_NAME = "sample", "sample-ups", "sample-shipstation"
GP_NAME = "sample-gp"


def sample_connection(acumatica_url: str, shipbob_url: str, start: datetime) -> dict[str, Any]:
    """The document as `connections apply` takes it. `start` is an aware instant: nothing older is moved."""
    return _filled(FILE, start, acumatica_url=acumatica_url, shipbob_url=shipbob_url)


def sample_ups_connection(acumatica_url: str, ups_url: str, start: datetime) -> dict[str, Any]:
    """The same for Acumatica and UPS."""
    return _filled(UPS_FILE, start, acumatica_url=acumatica_url, ups_url=ups_url)


def sample_shipstation_connection(acumatica_url: str, shipstation_url: str, start: datetime) -> dict[str, Any]:
    """The same for Acumatica and ShipStation."""
    return _filled(SHIPSTATION_FILE, start, acumatica_url=acumatica_url, shipstation_url=shipstation_url)


def sample_netsuite_connection(netsuite_url: str, shipbob_url: str, start: datetime) -> dict[str, Any]:
    """The same for NetSuite and ShipBob."""
    return _filled(NETSUITE_FILE, start, netsuite_url=netsuite_url, shipbob_url=shipbob_url)


def sample_gp_connection(gp_url: str, shipbob_url: str, start: datetime) -> dict[str, Any]:
    """The same for Dynamics GP and ShipBob."""
    return _filled(GP_FILE, start, gp_url=gp_url, shipbob_url=shipbob_url)


def _filled(file: Path, start: datetime, **addresses: str) -> dict[str, Any]:
    filled = Template(file.read_text("utf-8")).substitute(addresses, start=start.isoformat(timespec="seconds"))
    document: dict[str, Any] = json.loads(filled)
    return document
