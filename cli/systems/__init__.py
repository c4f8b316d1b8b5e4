"""What a person must know of each vendor: which credentials, how consent is given."""

from __future__ import annotations

from collections.abc import Mapping

from cli.systems import acumatica, dynamics_gp, netsuite, shipbob, shipstation, ups
from cli.systems.shapes import System

_KNOWN = (acumatica.SYSTEM, dynamics_gp.SYSTEM, netsuite.SYSTEM, shipbob.SYSTEM, shipstation.SYSTEM, ups.SYSTEM)

SYSTEMS: Mapping[str, System] = {system.name: system for system in _KNOWN}
