"""A strict, stateful Dynamics GP: see `simulator.DynamicsGpSimulator` and, for https with NTLM, `network.GpServer`."""

from local.simulators.dynamics_gp.commands import COMMANDS
from local.simulators.dynamics_gp.simulator import DynamicsGpSimulator
from local.simulators.dynamics_gp.world import Switches

__all__ = ["COMMANDS", "DynamicsGpSimulator", "Switches"]
