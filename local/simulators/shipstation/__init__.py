"""A strict, stateful ShipStation: see `simulator.ShipStationSimulator`."""

from local.simulators.shipstation.commands import COMMANDS
from local.simulators.shipstation.masters import MANUAL_STORE, OUR_STORE
from local.simulators.shipstation.records import Delivery
from local.simulators.shipstation.simulator import (
    DEFAULT_KEY,
    DEFAULT_SECRET,
    DEFAULT_V2_KEY,
    ShipStationSimulator,
)
from local.simulators.shipstation.world import Switches

__all__ = [
    "COMMANDS",
    "DEFAULT_KEY",
    "DEFAULT_SECRET",
    "DEFAULT_V2_KEY",
    "MANUAL_STORE",
    "OUR_STORE",
    "Delivery",
    "ShipStationSimulator",
    "Switches",
]
