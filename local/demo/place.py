"""The place where it all happens: the embedded AWS with the deployed bundle, and both vendors on loopback."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from local.cloud import Cloud, CloudFailed, Stack, build, deploy, embedded_aws, host_target
from local.sample.company import open_company
from local.simulators.acumatica import seed
from local.simulators.acumatica.simulator import AcumaticaSimulator
from local.simulators.base import Call, FaultDial, Reply, Request, Simulator
from local.simulators.server import SimulatorServer
from local.simulators.shipbob.gateway import throttled
from local.simulators.shipbob.simulator import ShipBobSimulator
from local.simulators.ups import UpsSimulator

PARAMETERS = {"VisibilityTimeoutSeconds": "60", "WorkTimeoutSeconds": "60"}
"""A crashed run comes back after a minute here; everything else is as users deploy it."""

CROWDED_SECONDS = 2
CALLS_PER_MINUTE = 900
"""What the simulated ShipBob account allows; the sample connection says the same."""


class Gateway:
    """ShipBob behind its gateway: `crowd(n)` makes the next n order creations meet a full window (429).

    The simulator's own dial asks for 25 seconds of patience, as ShipBob did when it was seen; a spectator has less.
    """

    name = "shipbob"

    def __init__(self, simulator: ShipBobSimulator) -> None:
        self.simulator = simulator
        self.dial: FaultDial = simulator.dial
        self.calls: list[Call] = simulator.calls
        self._crowd = 0
        self.declined = 0

    def crowd(self, times: int) -> None:
        """Declines the next order creations."""
        self._crowd = times

    def handle(self, request: Request) -> Reply:
        """Answers one request."""
        if self._crowd > 0 and request.method == "POST" and request.path.endswith("/order"):
            self._crowd -= 1
            self.declined += 1
            return throttled(CROWDED_SECONDS)
        return self.simulator.handle(request)

    def holdings(self) -> dict[str, Any]:
        """Everything that ShipBob holds."""
        return self.simulator.holdings()

    def command(self, name: str, arguments: dict[str, Any]) -> Any:
        """An act of the warehouse."""
        return self.simulator.command(name, arguments)


@dataclass(frozen=True)
class Vendors:
    """Both simulators, and where they answer."""

    acumatica: AcumaticaSimulator
    gateway: Gateway
    acumatica_url: str
    shipbob_url: str

    @property
    def shipbob(self) -> ShipBobSimulator:
        """The warehouse behind its gateway."""
        return self.gateway.simulator


@dataclass(frozen=True)
class Carrier:
    """An Acumatica of its own with UPS beside it, and where they answer."""

    acumatica: AcumaticaSimulator
    ups: UpsSimulator
    acumatica_url: str
    ups_url: str


@dataclass(frozen=True)
class Place:
    """The deployed bundle. `run_file` tells `ml-connector --run-file` where it is."""

    cloud: Cloud
    stack: Stack
    run_file: Path

    @property
    def log(self) -> Path:
        """What the embedded AWS and the functions said."""
        return self.cloud.log


def clock() -> datetime:
    """The machine's clock: this is an entry point."""
    return datetime.now(UTC)


@contextlib.contextmanager
def vendors(acumatica_port: int = 0, shipbob_port: int = 0) -> Iterator[Vendors]:
    """Both vendors with the sample company, on loopback. Port 0: a free one. Raises CloudFailed for a taken one."""
    acumatica = AcumaticaSimulator(clock, advance=time.sleep)
    # The spectator sees a time-lapse: the account may make calls in proportion (ShipBob publishes 150 a minute).
    shipbob = ShipBobSimulator(clock, advance=time.sleep, calls_per_minute=CALLS_PER_MINUTE)
    # A confirmation takes one look at its status instead of two: nobody wants to watch forty of them for two minutes.
    acumatica.command("switch", {"operation_polls": 1})
    open_company(acumatica, shipbob)
    gateway = Gateway(shipbob)
    with server(acumatica, acumatica_port) as erp, server(gateway, shipbob_port) as warehouse:
        yield Vendors(acumatica, gateway, f"{erp.url}{acumatica.base_path}", warehouse.url)


@contextlib.contextmanager
def carrier(acumatica_port: int = 0, ups_port: int = 0) -> Iterator[Carrier]:
    """A second company that ships from its own warehouse with UPS, on loopback. Raises CloudFailed for a taken port."""
    acumatica = AcumaticaSimulator(clock, advance=time.sleep)
    ups = UpsSimulator(clock, advance=time.sleep)
    seed.seed_company(acumatica)
    acumatica.command("stock", {"sku": "0041", "warehouse": "MAIN", "location": "R1", "quantity": 60})
    with server(acumatica, acumatica_port) as erp, server(ups, ups_port) as desk:
        yield Carrier(acumatica, ups, f"{erp.url}{acumatica.base_path}", desk.url)


def server(simulator: Simulator, port: int) -> SimulatorServer:
    """A simulator on a port of loopback, 0 for a free one. Raises CloudFailed for a taken port."""
    try:
        return SimulatorServer(simulator, port)
    except OSError as error:
        text = f"Port {port} cannot be used ({error.strerror}). Does another `ml-connector up` run? Stop it first."
        raise CloudFailed(text) from error


@contextlib.contextmanager
def deployed(
    measure: Callable[[str], AbstractContextManager[None]], port: int | None = None, run_file: Path | None = None
) -> Iterator[Place]:
    """The bundle, built and deployed onto a fresh embedded AWS, gone at the end. Raises CloudFailed.

    `measure` is entered around "build" and "deploy". Each run builds into a folder of its own: two at a time would
    take each other's files away.
    """
    with embedded_aws(port) as cloud:
        with measure("build"):
            built = build(host_target(), cloud.folder / "build")
        with measure("deploy"):
            stack = deploy(cloud, built, PARAMETERS)
        file = run_file or cloud.folder / "run.json"
        run = {
            "endpoint_url": cloud.endpoint, "region": "us-east-1", "access_key_id": "test",
            "secret_access_key": "test", "stack": stack.name, "api_url": stack.api_url,
        }  # fmt: skip
        file.write_text(json.dumps(run, indent=1), "utf-8")
        try:
            yield Place(cloud, stack, file)
        finally:
            file.unlink(missing_ok=True)
