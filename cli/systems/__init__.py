"""What a person must know of each vendor: which credentials, how consent is given."""

from __future__ import annotations

from collections.abc import Mapping

from cli.systems import acumatica, netsuite, shipbob, shipstation, ups
from cli.systems.shapes import System

SYSTEMS: Mapping[str, System] = {
    system.name: system
    for system in (acumatica.SYSTEM, shipbob.SYSTEM, shipstation.SYSTEM, ups.SYSTEM, netsuite.SYSTEM)
}
