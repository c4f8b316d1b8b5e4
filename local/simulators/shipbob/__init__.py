"""A strict, stateful ShipBob: see `simulator.ShipBobSimulator`."""

from local.simulators.shipbob.commands import COMMANDS
from local.simulators.shipbob.oauth import Client
from local.simulators.shipbob.simulator import DEFAULT_PAT, PAT_CHANNEL, READ_ONLY_CHANNEL, ShipBobSimulator
from local.simulators.shipbob.webhooks import sign
from local.simulators.shipbob.world import Switches

__all__ = [
    "COMMANDS",
    "DEFAULT_PAT",
    "PAT_CHANNEL",
    "READ_ONLY_CHANNEL",
    "Client",
    "ShipBobSimulator",
    "Switches",
    "sign",
]
