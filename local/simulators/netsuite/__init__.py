"""A strict, stateful NetSuite account: see `simulator.NetSuiteSimulator`."""

from local.simulators.netsuite.simulator import COMMANDS, DEFAULT_ACCOUNT, DEFAULT_CLIENT, NetSuiteSimulator
from local.simulators.netsuite.world import Switches

__all__ = ["COMMANDS", "DEFAULT_ACCOUNT", "DEFAULT_CLIENT", "NetSuiteSimulator", "Switches"]
