"""What every test can ask for: the vendors' specifications, a world in memory, moto, the engines of the contract tests.

moto is on only while a test asks for it; its clients are made once a session (that is what takes time), its contents
are new for each test.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from connector.aws import Clients
    from tests.support.engines import Cloud, Engine
    from tests.support.world import World

MINISTACK = "MLC_MINISTACK_URL"
REAL_ENGINES = ["moto", *(["ministack"] if os.environ.get(MINISTACK) else [])]


def pytest_configure(config: pytest.Config) -> None:
    """No test reaches a real account, whatever the caller's shell holds."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        os.environ.pop(name, None)
    os.environ.update(
        AWS_ACCESS_KEY_ID="testing",
        AWS_SECRET_ACCESS_KEY="testing",
        AWS_DEFAULT_REGION="us-east-1",
        AWS_REGION="us-east-1",
        AWS_EC2_METADATA_DISABLED="true",
    )


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the vendors' facts and specifications, which is not part of the repository."""
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip("the vendors' specifications (../shared) are not on this machine")
    return folder


@pytest.fixture
def world() -> World:
    """A cloud in memory."""
    from tests.support.world import World

    return World()


@pytest.fixture(scope="session")
def moto_clients() -> Clients:
    """botocore clients for moto; of use only together with `moto`."""
    from tests.support.engines import session_clients

    return session_clients()


@pytest.fixture
def moto(moto_clients: Clients) -> Iterator[Cloud]:
    """moto in process with our tables, queues, bucket and topic, empty."""
    from tests.support.engines import moto_cloud

    with moto_cloud(moto_clients) as cloud:
        yield cloud


@pytest.fixture(scope="session")
def ministack_clients() -> Clients:
    """botocore clients for the ministack that MLC_MINISTACK_URL names."""
    from tests.support.engines import ministack_clients

    return ministack_clients(os.environ[MINISTACK])


@pytest.fixture(params=["memory", *REAL_ENGINES])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each implementation of the ports in turn."""
    from tests.support import engines

    if request.param == "memory":
        return engines.memory_engine()
    if request.param == "moto":
        return engines.cloud_engine("moto", request.getfixturevalue("moto"))
    clients = request.getfixturevalue("ministack_clients")
    return engines.cloud_engine("ministack", engines.provision(clients, "contract"))
