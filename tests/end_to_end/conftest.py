"""One deployment for all tests of this folder that only need a stack."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from local.demo.place import Place, Vendors


@contextlib.contextmanager
def unmeasured(name: str) -> Iterator[None]:
    """Nobody wants to know how long a phase took."""
    yield


@pytest.fixture(scope="session")
def both() -> Iterator[Vendors]:
    """Acumatica and ShipBob with the sample company, on loopback."""
    from local.demo.place import vendors

    with vendors() as found:
        yield found


@pytest.fixture(scope="session")
def place(both: Vendors) -> Iterator[Place]:
    """The bundle on the embedded AWS, connected with both vendors as an operator does it."""
    from datetime import timedelta

    from local.demo.opening import open_connection
    from local.demo.people import Operator
    from local.demo.place import clock, deployed
    from local.sample.connection import sample_connection

    with deployed(unmeasured) as found:
        operator = Operator(found.run_file)
        document = sample_connection(both.acumatica_url, both.shipbob_url, clock() - timedelta(minutes=30))
        try:
            open_connection(operator, found, both, document)
        finally:
            operator.close()
        yield found
