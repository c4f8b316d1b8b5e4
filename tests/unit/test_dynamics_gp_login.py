"""The circuit: a password is tried once, by one worker; after a refusal only a person closes it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from connector.credentials import Credentials
from connector.faults import ConfigurationFault, FaultKind, VendorFault
from connector.services import Services
from connector.sweep import exists
from connector.transport import Reply
from dynamicsgp_shipbob.flows import PAIR
from tests.support.world import World
from vendors.dynamics_gp.faults import SIGN_IN
from vendors.dynamics_gp.login import Login, open_since

NAME = "acme"
GOOD = Reply(200, {}, b"")
REFUSED = VendorFault("Dynamics GP", FaultKind.EXPIRED, "not accepted", status=401, code=SIGN_IN)


def process(world: World) -> Services:
    """A process of its own: nothing remembered."""
    return replace(world.services, memory={})


def login(services: Services) -> Login:
    return Login(services, NAME, Credentials(services, NAME, "dynamics_gp"))


@pytest.fixture
def gp(world: World) -> World:
    world.secrets.write(f"{NAME}/dynamics_gp", json.dumps({"username": "FAB\\svc", "password": "one"}))
    return world


def test_a_new_password_is_tried_by_one_worker_alone(gp: World) -> None:
    first, second = login(process(gp)), login(process(gp))
    first.check()
    first.check()
    with pytest.raises(VendorFault, match="another worker is signing in") as found:
        second.check()
    assert found.value.kind is FaultKind.BUDGET
    first.learn(GOOD, None)
    second.check()
    login(process(gp)).check()


def test_after_a_refusal_nobody_calls_until_the_secret_is_set_again(gp: World) -> None:
    services = process(gp)
    first = login(services)
    first.check()
    first.learn(Reply(401, {}, b""), REFUSED)
    assert len(gp.alerts.sent) == 1
    for again in (login(services), login(process(gp))):
        with pytest.raises(ConfigurationFault, match="secret again") as found:
            again.check()
    since = open_since(gp.services, NAME)
    assert since is not None
    assert "not accepted" in since[1]
    assert found.value.waits_for is not None
    from connector.connection import Connection, ConnectionDocument
    from connector.outcome import Missing

    document = ConnectionDocument(connection=NAME, pair=PAIR.name, start=gp.clock())
    connection = Connection(NAME, PAIR.name, "active", 1, document)
    assert not exists(PAIR, gp.services, connection, Missing(*found.value.waits_for))
    gp.secrets.write(f"{NAME}/dynamics_gp", json.dumps({"username": "FAB\\svc", "password": "two"}))
    assert exists(PAIR, gp.services, connection, Missing(*found.value.waits_for))
    fresh = login(services)  # a warm process that still remembers the old one
    fresh.check()
    assert fresh.secret()["password"] == "two"
    fresh.learn(GOOD, None)
    assert open_since(gp.services, NAME) is None
    assert len(gp.alerts.sent) == 1


def test_a_proven_password_that_expires_opens_the_circuit_for_all(gp: World) -> None:
    first = login(process(gp))
    first.check()
    first.learn(GOOD, None)
    second = login(process(gp))
    second.check()
    second.learn(Reply(401, {}, b""), REFUSED)
    with pytest.raises(ConfigurationFault):
        login(process(gp)).check()
    first.learn(GOOD, None)  # an answer that was under way must not close it
    with pytest.raises(ConfigurationFault):
        login(process(gp)).check()


def test_a_process_that_remembers_an_old_password_does_not_try_it_after_another_one_was_accepted(gp: World) -> None:
    warm = process(gp)
    first = login(warm)
    first.check()
    first.learn(GOOD, None)
    gp.secrets.write(f"{NAME}/dynamics_gp", json.dumps({"username": "FAB\\svc", "password": "two"}))
    fresh = login(process(gp))
    fresh.check()
    fresh.learn(GOOD, None)
    again = login(warm)
    again.check()
    assert again.secret()["password"] == "two"


def stored(world: World, password: str) -> None:
    world.secrets.write(f"{NAME}/dynamics_gp", json.dumps({"username": "FAB\\svc", "password": password}))


def test_the_refusal_of_a_password_that_was_replaced_alarms_nobody_and_ends_its_use(gp: World) -> None:
    warm, other = process(gp), process(gp)
    for services in (warm, other):
        first = login(services)
        first.check()
        first.learn(GOOD, None)
    stored(gp, "two")
    mine, theirs = login(warm), login(other)
    mine.check()
    theirs.check()
    assert mine.secret()["password"] == "one"  # remembered
    mine.learn(Reply(401, {}, b""), REFUSED)
    assert gp.alerts.sent == []
    assert mine.replaced() is True
    assert mine.replaced() is False  # one repetition
    mine.check()
    assert mine.secret()["password"] == "two"
    with pytest.raises(VendorFault, match="another worker is signing in"):
        theirs.check()  # in the middle of its work: the old password is not tried again
    assert theirs.secret()["password"] == "two"
    mine.learn(GOOD, None)
    theirs.check()


def test_a_late_refusal_of_the_old_password_does_not_undo_the_proof_of_the_new_one(gp: World) -> None:
    warm = login(process(gp))
    warm.check()
    warm.learn(GOOD, None)
    warm.check()  # its call is on the way
    stored(gp, "two")
    fresh = login(process(gp))
    fresh.check()
    fresh.learn(GOOD, None)
    warm.learn(Reply(401, {}, b""), REFUSED)
    assert open_since(gp.services, NAME) is None
    assert gp.alerts.sent == []
    warm.check()
    login(process(gp)).check()


def test_the_new_password_that_is_refused_too_opens_the_circuit(gp: World) -> None:
    warm = login(process(gp))
    warm.check()
    warm.learn(GOOD, None)
    stored(gp, "two")
    warm.learn(Reply(401, {}, b""), REFUSED)
    warm.check()
    warm.learn(Reply(401, {}, b""), REFUSED)
    assert warm.replaced() is False
    assert len(gp.alerts.sent) == 1
    with pytest.raises(ConfigurationFault):
        warm.check()


def test_a_refusal_after_the_secret_was_deleted_is_a_persons_matter(gp: World) -> None:
    warm = login(process(gp))
    warm.check()
    warm.learn(GOOD, None)
    gp.secrets.remove(f"{NAME}/dynamics_gp")
    warm.learn(Reply(401, {}, b""), REFUSED)
    assert warm.replaced() is False
    assert len(gp.alerts.sent) == 1


def test_a_try_without_an_answer_is_given_back(gp: World) -> None:
    first = login(process(gp))
    first.check()
    first.release()
    login(process(gp)).check()


def test_a_worker_that_dies_in_its_try_does_not_block_for_ever(gp: World) -> None:
    login(process(gp)).check()
    gp.clock.advance(minutes=5)
    login(process(gp)).check()


def test_a_gateway_in_between_proves_nothing(gp: World) -> None:
    first = login(process(gp))
    first.check()
    first.learn(Reply(502, {}, b""), VendorFault("Dynamics GP", FaultKind.UNAVAILABLE, "bad gateway", status=502))
    with pytest.raises(VendorFault):
        login(process(gp)).check()


def test_a_missing_secret_says_how_to_set_it(world: World) -> None:
    with pytest.raises(ConfigurationFault, match="ml-connector secrets set acme/dynamics_gp"):
        login(process(world)).check()


def test_known_version_is_that_of_what_is_read(gp: World) -> None:
    services = process(gp)
    credentials = Credentials(services, NAME, "dynamics_gp")
    before = credentials.known_version()
    gp.secrets.write(f"{NAME}/dynamics_gp", json.dumps({"username": "u", "password": "two"}))
    assert credentials.known_version() == before != credentials.version()
    credentials.forget()
    assert credentials.known_version() == credentials.version()
