"""A strict, stateful UPS: see `simulator.UpsSimulator`."""

from local.simulators.ups.commands import COMMANDS
from local.simulators.ups.events import EVENTS
from local.simulators.ups.gateway import Client
from local.simulators.ups.records import Delivery
from local.simulators.ups.simulator import DEFAULT_ACCOUNT, DEFAULT_CLIENT, UpsSimulator
from local.simulators.ups.world import Switches

__all__ = [
    "COMMANDS",
    "DEFAULT_ACCOUNT",
    "DEFAULT_CLIENT",
    "EVENTS",
    "Client",
    "Delivery",
    "Switches",
    "UpsSimulator",
]
