"""What a person must know of each vendor: which credentials, how consent is given."""

from __future__ import annotations

from collections.abc import Mapping

from cli.systems import acumatica, dynamics_gp, shipbob, ups
from cli.systems.shapes import System

_KNOWN = (acumatica.SYSTEM, dynamics_gp.SYSTEM, shipbob.SYSTEM, ups.SYSTEM)

SYSTEMS: Mapping[str, System] = {system.name: system for system in _KNOWN}
