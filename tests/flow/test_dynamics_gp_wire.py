"""The way to a GP server over a real network: https with a private CA, NTLM on one connection, no second try."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.faults import ConfigurationFault, FaultKind, VendorFault
from connector.rehearsal import ReadingWire, WouldSend
from connector.services import Services
from connector.wire import RequestsWire
from local.simulators.base import Fault
from local.simulators.dynamics_gp.certificates import Issued, TestAuthority
from local.simulators.dynamics_gp.network import SOAP_PATH, gp_server
from local.simulators.dynamics_gp.ntlm import ALWAYS, Directory
from local.simulators.dynamics_gp.simulator import DynamicsGpSimulator
from tests.support.world import World
from tests.unit.gp_samples import ORDER
from vendors.dynamics_gp.client import DynamicsGp
from vendors.dynamics_gp.open import open_dynamics_gp
from vendors.dynamics_gp.settings import DynamicsGpSystem

NAME, ACCOUNT, PASSWORD = "acme", "FABRIKAM\\svc-mlc", "right-password"


class Place:
    """A GP server on loopback and a world that knows how to reach it."""

    def __init__(self, folder: Path, **directory: Any) -> None:
        self.world = World(start=datetime.now(UTC))
        self.authority = TestAuthority(folder, datetime.now(UTC) - timedelta(minutes=5))
        self.directory = Directory({ACCOUNT: PASSWORD}, lock_after=3, **directory)
        self.gp = DynamicsGpSimulator(self.world.clock)
        self.gp.command("seed_fabrikam", {})
        self.url = ""
        self.secret()

    @contextmanager
    def serving(self, issued: Issued | None = None) -> Iterator[Place]:
        with gp_server(self.gp, self.directory, issued or self.authority.issue("localhost")) as server:
            self.url = server.url + SOAP_PATH
            yield self

    def secret(self, password: str = PASSWORD, username: str = ACCOUNT, bundle: str | None = None) -> None:
        authority = self.authority.bundle.read_text() if bundle is None else bundle
        content = {"username": username, "password": password, "ca_bundle": authority}
        self.world.secrets.write(f"{NAME}/dynamics_gp", json.dumps(content))

    def process(self) -> Services:
        return replace(self.world.services, memory={})

    def client(self, services: Services | None = None, **system: Any) -> DynamicsGp:
        changed = {"url": self.url, "company_id": -1, "time_zone": "America/Chicago", **system}
        made = DynamicsGpSystem(**changed)
        return open_dynamics_gp(services or self.process(), NAME, made, lane="live", holder="test")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with Place(tmp_path).serving() as found:
        yield found


def test_it_signs_in_and_writes(place: Place) -> None:
    client = place.client()
    assert [company.company_id for company in client.companies()] == [-1]
    client.done("CreateSalesOrder", client.create("SalesOrder", ORDER))
    order = client.order("SB100012345")
    assert order is not None
    assert order.lines[0].quantity == 2
    assert place.directory.legs["refused"] == 0


def test_reads_share_a_connection_and_a_server_that_asks_every_time_is_answered(tmp_path: Path) -> None:
    for always, challenges in ((False, 1), (True, 3)):
        with Place(tmp_path, challenge_every_request=always).serving() as place:
            client = place.client()
            for _ in range(3):
                client.sites()
            assert place.directory.legs["challenges"] == challenges
            assert place.directory.legs["refused"] == 0


def test_a_wrong_password_is_tried_once_whoever_works(place: Place) -> None:
    place.secret(password="wrong")
    with pytest.raises(VendorFault, match="account was not accepted") as found:
        place.client().sites()
    assert found.value.kind is FaultKind.EXPIRED
    for _ in range(5):
        with pytest.raises(ConfigurationFault, match="since its sign-in was refused"):
            place.client().sites()
    assert place.directory.legs["refused"] == 1
    assert place.directory.locked == set()
    assert len(place.world.alerts.sent) == 1
    place.secret()
    assert "WAREHOUSE" in place.client().sites()


def test_channel_binding_satisfies_a_server_that_wants_it(tmp_path: Path) -> None:
    with Place(tmp_path, extended_protection=ALWAYS).serving() as place:
        assert "WAREHOUSE" in place.client().sites()
        place.secret()  # another version: a try of its own
        with pytest.raises(VendorFault, match="channel_binding"):
            place.client(channel_binding=False).sites()


def test_a_certificate_of_an_unknown_authority_is_refused_before_anything_leaves(place: Place, tmp_path: Path) -> None:
    other = TestAuthority(tmp_path, datetime.now(UTC) - timedelta(minutes=5), "Other CA")
    place.secret(bundle=other.bundle.read_text())
    with pytest.raises(VendorFault, match="certificate is not trusted") as found:
        place.client().create("SalesOrder", ORDER)
    assert found.value.kind is FaultKind.NOT_SENT
    assert place.gp.calls == []


@pytest.mark.parametrize(("host", "expired"), [("gp.example.com", False), ("localhost", True)])
def test_a_wrong_host_or_an_expired_certificate_is_refused(tmp_path: Path, host: str, expired: bool) -> None:
    made = Place(tmp_path)
    with made.serving(made.authority.issue(host, expired=expired)) as place:
        with pytest.raises(VendorFault, match="certificate is not trusted"):
            place.client().sites()
        assert place.gp.calls == []


def test_the_public_roots_are_used_without_a_bundle(place: Place) -> None:
    place.secret(bundle="")
    with pytest.raises(VendorFault, match="certificate is not trusted"):
        place.client().sites()


def test_a_bundle_that_is_none_says_so(place: Place) -> None:
    place.secret(bundle="-----BEGIN PRIVATE KEY-----")
    with pytest.raises(ConfigurationFault, match="must be PEM certificates"):
        place.client().sites()


@pytest.mark.parametrize(
    ("fault", "kept"), [(Fault.DROP_BEFORE, False), (Fault.DROP_AFTER, True)]
)
def test_a_write_whose_answer_is_lost_may_have_happened(place: Place, fault: Fault, kept: bool) -> None:
    client = place.client()
    client.sites()
    place.gp.dial.plan(fault, "#CreateSalesOrder")
    with pytest.raises(VendorFault) as found:
        client.create("SalesOrder", ORDER)
    assert found.value.executed.value == "maybe"
    assert (client.order("SB100012345") is not None) is kept


def test_a_rotated_password_is_used_by_a_warm_process(place: Place) -> None:
    services = place.process()
    place.client(services).sites()
    place.directory.accounts = {ACCOUNT: "new-password"}
    services.memory.pop(("wire", NAME, "ntlm", "True"))  # the connection is old: the server asks anew
    with pytest.raises(VendorFault, match="account was not accepted"):
        place.client(services).sites()
    place.secret(password="new-password")
    assert "WAREHOUSE" in place.client(services).sites()


def test_an_old_password_that_a_process_remembers_is_refused_once_and_the_call_is_made_with_the_new_one(
    place: Place,
) -> None:
    warm, other = place.process(), place.process()
    for services in (warm, other):
        place.client(services).sites()
    place.directory.accounts = {ACCOUNT: "new-password"}
    place.secret(password="new-password")
    for services in (warm, other):
        client = place.client(services)
        number = "SB1" if services is warm else "SB2"
        client.done("CreateSalesOrder", client.create("SalesOrder", {**ORDER, "Key": {"Id": number}}))
        assert client.order(number) is not None
    assert place.directory.legs["refused"] == 1
    assert place.world.alerts.sent == []
    assert [call.path.rpartition("#")[2] for call in place.gp.calls].count("CreateSalesOrder") == 2


def test_a_request_beyond_the_bound_is_not_sent(place: Place) -> None:
    lines = [{**ORDER["Lines"][0], "Key": {"LineSequenceNumber": str(16384 * n)}} for n in range(1, 40)]
    with pytest.raises(VendorFault, match="more than largest_request"):
        place.client(largest_request=20_000).create("SalesOrder", {**ORDER, "Lines": lines})
    assert "CreateSalesOrder" not in [call.path.rpartition("#")[2] for call in place.gp.calls]


def test_what_gp_is_told_is_what_the_schema_wants(place: Place) -> None:
    client = place.client()
    client.create("SalesOrder", ORDER)
    assert client.calculates_prices("CreateSalesOrder") is True
    assert client.has_customer("AARONFIT0001")
    assert not client.has_customer("NOBODY")
    assert "GROUND" in client.shipping_methods()
    assert place.gp.strict_violations == []


def test_who_stands_before_the_wire_sees_what_leaves_and_may_stop_it(place: Place) -> None:
    services = place.process()
    watched = ReadingWire(RequestsWire())
    services.memory[("wire",)] = watched
    client = place.client(services)
    assert "WAREHOUSE" in client.sites()
    with pytest.raises(WouldSend):
        client.create("SalesOrder", ORDER)
    assert sum(watched.calls.values()) == 2  # the sites and the policy
    assert client.order("SB100012345") is None
    assert place.directory.legs["refused"] == 0
