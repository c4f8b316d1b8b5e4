"""The simulator as a GP host on the network: https with a certificate of the test CA, NTLM on each connection."""

from __future__ import annotations

from local.simulators.dynamics_gp.certificates import Issued
from local.simulators.dynamics_gp.ntlm import Directory, NtlmGuard
from local.simulators.dynamics_gp.simulator import DynamicsGpSimulator
from local.simulators.server import SimulatorServer

SOAP_PATH = "/DynamicsGPWebServices/DynamicsGPService.asmx"


def gp_server(
    simulator: DynamicsGpSimulator, directory: Directory, certificate: Issued, port: int = 0
) -> SimulatorServer:
    """The server on loopback. Its control door needs no sign-in; everything else does.

    The certificate must be for `localhost` where callers use `server.url`.
    """
    return SimulatorServer(
        simulator, port, tls=certificate.context(), guard=lambda: NtlmGuard(directory, certificate.digest)
    )
