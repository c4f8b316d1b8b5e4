"""Attacks on the way to a GP server: what a broken, replaced or malicious machine in between could do.

Each is refused with a reason that a person can use, writes nothing twice, and gets no credentials that it should not.
"""

from __future__ import annotations

import gzip
import json
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.faults import Executed, FaultKind, VendorFault
from local.simulators.base import Request as Asked
from local.simulators.dynamics_gp.certificates import TestAuthority
from local.simulators.dynamics_gp.ntlm import Directory, NtlmGuard
from tests.support.hostile import Answer, Heard, Hostile, answer, as_bytes
from tests.support.world import World
from tests.unit.gp_samples import ORDER
from vendors.dynamics_gp.client import DynamicsGp
from vendors.dynamics_gp.login import open_since
from vendors.dynamics_gp.open import open_dynamics_gp
from vendors.dynamics_gp.settings import DynamicsGpSystem

NAME, ACCOUNT, PASSWORD = "acme", "FABRIKAM\\svc-mlc", "right-password-0815"
OFFER = {"www_authenticate": "NTLM"}
ENVELOPE = '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>{}</s:Body></s:Envelope>'
GP = 'xmlns="http://schemas.microsoft.com/dynamics/gp/2006/01"'


def soap(inside: str) -> bytes:
    return ENVELOPE.format(inside).encode()


WRITTEN = soap(f"<CreateSalesOrderResponse {GP}/>")
SITES = soap(
    f"<GetWarehouseListResponse {GP}><GetWarehouseListResult><WarehouseSummary><Key><Id>WAREHOUSE</Id></Key>"
    "</WarehouseSummary></GetWarehouseListResult></GetWarehouseListResponse>"
)
POLICY = soap(
    f"<GetPolicyByOperationResponse {GP}><GetPolicyByOperationResult><Key>"
    "<Id>00000000-0000-0000-0000-000000000001</Id></Key></GetPolicyByOperationResult></GetPolicyByOperationResponse>"
)


class Attack:
    """A world whose GP server is hostile. `then`: what it says once a caller has signed in (or instead of asking)."""

    def __init__(self, folder: Path) -> None:
        self.world = World(start=datetime.now(UTC))
        self.authority = TestAuthority(folder, datetime.now(UTC) - timedelta(minutes=5))
        self.other = TestAuthority(folder, datetime.now(UTC) - timedelta(minutes=5), "Other CA")
        self.issued = self.authority.issue("localhost")
        self.directory = Directory({ACCOUNT: PASSWORD})
        self.guards: dict[int, NtlmGuard] = {}
        self.then: Callable[[Heard], Answer] = lambda heard: answer(200, SITES)
        self.context: Callable[[int], ssl.SSLContext | None] = lambda number: self.issued.context()
        secret = {"username": ACCOUNT, "password": PASSWORD, "ca_bundle": self.authority.bundle.read_text()}
        self.world.secrets.write(f"{NAME}/dynamics_gp", json.dumps(secret))

    def signed(self, heard: Heard) -> Answer:
        """The sign-in as a GP host asks for it, then what the test wants."""
        guard = self.guards.setdefault(heard.connection, NtlmGuard(self.directory, self.issued.digest))
        asked = Asked(heard.method, heard.path, "", dict(heard.headers), heard.body)
        refused = guard.judge(asked)
        if refused is not None:
            return as_bytes(refused)
        if b"GetPolicyByOperation" in heard.body:
            return answer(200, POLICY)
        return self.then(heard)

    def client(self, server: Hostile, **system: Any) -> DynamicsGp:
        made = DynamicsGpSystem(
            **{"url": server.url, "company_id": -1, "time_zone": "America/Chicago", "timeout_seconds": 2,
               "list_timeout_seconds": 2, **system}
        )  # fmt: skip
        return open_dynamics_gp(self.world.services, NAME, made, lane="live", holder="test")

    def writes(self, server: Hostile) -> list[Heard]:
        """Creations that a server would have executed: those that came with no or an accepted third leg."""
        return [heard for heard in server.heard if b"CreateSalesOrder" in heard.body and b"salesOrder" in heard.body]

    @property
    def is_open(self) -> bool:
        """Whether the circuit is open."""
        return open_since(self.world.services, NAME) is not None


@pytest.fixture
def attack(tmp_path: Path) -> Attack:
    return Attack(tmp_path)


def refused(call: Callable[[], Any]) -> VendorFault:
    with pytest.raises(VendorFault) as found:
        call()
    assert PASSWORD not in str(found.value)
    return found.value


def nothing_secret(server: Hostile) -> None:
    """No password, and no third leg, went to this machine."""
    for heard in server.heard:
        assert PASSWORD.encode() not in heard.body
        assert "basic" not in heard.authorization.lower()
        assert heard.leg < 3


def test_the_stage_itself_works(attack: Attack) -> None:
    with Hostile(lambda number: attack.context(number), attack.signed) as server:
        client = attack.client(server)
        assert client.sites() == ("WAREHOUSE",)
        attack.then = lambda heard: answer(200, WRITTEN)
        client.done("CreateSalesOrder", client.create("SalesOrder", ORDER))
        assert attack.directory.legs["refused"] == 0


# ---- certificates -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["self-signed or unknown CA", "wrong host", "expired"])
def test_nothing_leaves_for_a_certificate_that_is_not_the_servers(attack: Attack, kind: str) -> None:
    issued = {
        "self-signed or unknown CA": attack.other.issue("localhost"),
        "wrong host": attack.authority.issue("gp.example.com"),
        "expired": attack.authority.issue("localhost", expired=True),
    }[kind]
    with Hostile(lambda number: issued.context(), attack.signed) as server:
        fault = refused(lambda: attack.client(server).create("SalesOrder", ORDER))
        assert (fault.kind, fault.executed) == (FaultKind.NOT_SENT, Executed.NO)
        assert "certificate is not trusted" in fault.message
        assert server.heard == []
        assert not attack.is_open


def test_a_machine_that_takes_over_between_the_legs_is_not_spoken_to(attack: Attack) -> None:
    """The connection ends after the challenge; on the next one stands somebody else."""
    foreign = attack.other.issue("localhost")
    attack.context = lambda number: (attack.issued if number == 1 else foreign).context()

    def ends(heard: Heard) -> Answer:
        said = attack.signed(heard)
        assert isinstance(said, bytes)
        return said.replace(b"\r\n", b"\r\nConnection: close\r\n", 1) if heard.leg == 2 else said

    with Hostile(lambda number: attack.context(number), ends) as server:
        fault = refused(lambda: attack.client(server).sites())
        assert "certificate is not trusted" in fault.message
        nothing_secret(server)
        assert not attack.is_open


def test_plain_text_where_tls_should_be_is_named(attack: Attack) -> None:
    with Hostile(lambda number: None, lambda heard: answer(200, SITES)) as server:
        fault = refused(lambda: attack.client(server).sites())
        assert fault.kind is FaultKind.NOT_SENT
        assert "check https and the port" in fault.message
        assert server.heard == []


# ---- redirects, downgrades, broken sign-ins -----------------------------------------------------------------------


@pytest.mark.parametrize("leg", [1, 2, 3])
@pytest.mark.parametrize("scheme", ["https", "http"])
def test_a_redirect_is_never_followed(attack: Attack, leg: int, scheme: str) -> None:
    with Hostile(lambda number: attack.context(number), lambda heard: answer(200, SITES)) as trap:
        target = trap.url.replace("https", scheme)

        def sends_away(heard: Heard) -> Answer:
            return answer(307, location=target) if heard.leg == leg else attack.signed(heard)

        with Hostile(lambda number: attack.context(number), sends_away) as server:
            fault = refused(lambda: attack.client(server).sites())
        assert fault.kind is FaultKind.CONFIGURATION
        assert "redirects, which is never followed" in fault.message
        assert trap.connections == 0
        assert not attack.is_open


@pytest.mark.parametrize("offer", ['Basic realm="GP"', 'Digest realm="GP", nonce="x"', "Bearer", "", "NTLMv3"])
def test_another_way_to_sign_in_is_not_taken(attack: Attack, offer: str) -> None:
    with Hostile(lambda number: attack.context(number), lambda heard: answer(401, www_authenticate=offer)) as server:
        fault = refused(lambda: attack.client(server).sites())
        assert fault.kind is FaultKind.EXPIRED
        nothing_secret(server)
        assert attack.is_open
        assert len(attack.world.alerts.sent) == 1


def test_a_downgrade_in_the_middle_of_the_sign_in_gets_nothing(attack: Attack) -> None:
    def changes(heard: Heard) -> Answer:
        return answer(401, www_authenticate="NTLM" if heard.leg == 1 else 'Basic realm="GP"')

    with Hostile(lambda number: attack.context(number), changes) as server:
        fault = refused(lambda: attack.client(server).sites())
        assert "did not go on with the NTLM sign-in" in fault.message
        nothing_secret(server)


@pytest.mark.parametrize("challenge", ["NTLM", "NTLM !!!", "NTLM AAAA", "NTLM " + "A" * 4000])
def test_a_challenge_that_is_none_is_a_matter_of_configuration(attack: Attack, challenge: str) -> None:
    def answers(heard: Heard) -> Answer:
        return answer(401, www_authenticate="NTLM" if heard.leg == 1 else challenge)

    with Hostile(lambda number: attack.context(number), answers) as server:
        fault = refused(lambda: attack.client(server).sites())
        assert fault.kind is FaultKind.EXPIRED
        nothing_secret(server)


def test_a_refused_third_leg_opens_the_circuit_with_one_alarm(attack: Attack) -> None:
    attack.directory.accounts = {ACCOUNT: "another"}
    with Hostile(lambda number: attack.context(number), attack.signed) as server:
        assert refused(lambda: attack.client(server).sites()).kind is FaultKind.EXPIRED
        for _ in range(3):
            with pytest.raises(Exception, match="since its sign-in was refused"):
                attack.client(server).sites()
        assert attack.directory.legs["refused"] == 1
        assert len(attack.world.alerts.sent) == 1


@pytest.mark.parametrize("says_so", [True, False])
def test_a_connection_that_drops_between_the_legs_is_no_refused_password(attack: Attack, says_so: bool) -> None:
    dropped: list[int] = []

    def drops(heard: Heard) -> Answer:
        said = attack.signed(heard)
        if heard.leg != 2 or dropped:
            return said
        dropped.append(heard.connection)
        assert isinstance(said, bytes)
        if says_so:
            return said.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
        return _then_close(said)

    attack.then = lambda heard: answer(200, WRITTEN)
    with Hostile(lambda number: attack.context(number), drops) as server:
        client = attack.client(server)
        fault = refused(lambda: client.create("SalesOrder", ORDER))
        assert fault.kind is FaultKind.UNAVAILABLE
        assert not attack.is_open
        assert attack.world.alerts.sent == []
        client.done("CreateSalesOrder", client.create("SalesOrder", ORDER))


def _then_close(said: bytes) -> Iterator[bytes]:
    yield said
    raise OSError("the test closes the connection")


def test_a_server_that_executes_at_the_second_leg_is_believed(attack: Attack) -> None:
    """Some host no longer asks on this connection: the write is done, and saying "not accepted" would repeat it."""

    def executes(heard: Heard) -> Answer:
        if b"GetPolicyByOperation" in heard.body:
            return answer(200, POLICY)
        return answer(401, **OFFER) if heard.leg == 1 else answer(200, WRITTEN)

    with Hostile(lambda number: attack.context(number), executes) as server:
        client = attack.client(server)
        client.done("CreateSalesOrder", client.create("SalesOrder", ORDER))
        assert not attack.is_open
        assert [heard.leg for heard in attack.writes(server)] == [1, 2]


def test_a_server_that_fails_at_the_second_leg_may_have_executed(attack: Attack) -> None:
    def fails(heard: Heard) -> Answer:
        if b"GetPolicyByOperation" in heard.body:
            return answer(200, POLICY)
        return answer(401, **OFFER) if heard.leg == 1 else answer(500, b"boom")

    with Hostile(lambda number: attack.context(number), fails) as server:
        fault = refused(lambda: attack.client(server).create("SalesOrder", ORDER))
        assert fault.executed is Executed.MAYBE
        assert not attack.is_open


# ---- answers without measure --------------------------------------------------------------------------------------


def chunks(total: int) -> Iterator[bytes]:
    """A chunked body of so many mebibytes of blanks, after its headers."""
    piece = b" " * 2**20
    for _ in range(total):
        yield f"{len(piece):x}\r\n".encode() + piece + b"\r\n"
    yield b"0\r\n\r\n"


def chunked(status: int, parts: Iterator[bytes], **headers: str) -> Iterator[bytes]:
    yield answer(status, b"", content_length="", transfer_encoding="chunked", **headers)
    yield from parts


BOMB = gzip.compress(b" " * (64 * 2**20))


@pytest.mark.parametrize("kind", ["large", "bomb"])
def test_an_answer_beyond_every_measure_is_given_up(attack: Attack, kind: str) -> None:
    large = {"large": lambda: chunked(200, chunks(25)), "bomb": lambda: answer(200, BOMB, content_encoding="gzip")}
    attack.then = lambda heard: large[kind]()
    with Hostile(lambda number: attack.context(number), attack.signed) as server:
        fault = refused(lambda: attack.client(server, list_timeout_seconds=20).sites())
        assert "answer is larger than" in fault.message
        assert fault.kind is FaultKind.UNAVAILABLE


@pytest.mark.parametrize("leg", [1, 2])
@pytest.mark.parametrize("kind", ["large", "bomb", "endless"])
def test_a_refusal_beyond_every_measure_is_given_up(attack: Attack, kind: str, leg: int) -> None:
    def trickle() -> Iterator[bytes]:
        import time

        for _ in range(100):
            yield b"1\r\n \r\n"
            time.sleep(0.05)

    large: dict[str, Callable[[], Answer]] = {
        "large": lambda: chunked(401, chunks(3), **OFFER),
        "bomb": lambda: answer(401, BOMB, content_encoding="gzip", **OFFER),
        "endless": lambda: chunked(401, trickle(), **OFFER),
    }

    def refuses(heard: Heard) -> Answer:
        return large[kind]() if heard.leg == leg else answer(401, **OFFER)

    patience = 0.3 if kind == "endless" else 5
    with Hostile(lambda number: attack.context(number), refuses) as server:
        fault = refused(lambda: attack.client(server, list_timeout_seconds=patience).sites())
        assert "refusal of the sign-in" in fault.message, fault.message
        assert fault.kind is FaultKind.UNAVAILABLE
        nothing_secret(server)
        assert not attack.is_open


@pytest.mark.parametrize("kind", ["stalls", "silent"])
def test_an_answer_that_does_not_come_is_given_up(attack: Attack, kind: str) -> None:
    import time

    def stalls() -> Iterator[bytes]:
        if kind == "stalls":
            yield answer(200, b"", content_length="", transfer_encoding="chunked") + b"5\r\n<s:En\r\n"
        time.sleep(1.5)

    attack.then = lambda heard: stalls()
    with Hostile(lambda number: attack.context(number), attack.signed) as server:
        client = attack.client(server, timeout_seconds=0.3)
        fault = refused(lambda: client.create("SalesOrder", ORDER))
        assert fault.executed is Executed.MAYBE
        assert "no answer in time" in fault.message


def test_compression_that_is_damaged_is_named(attack: Attack) -> None:
    whole = gzip.compress(SITES)
    attack.then = lambda heard: answer(200, whole[:20] + b"\xff" * 20 + whole[40:], content_encoding="gzip")
    with Hostile(lambda number: attack.context(number), attack.signed) as server:
        assert "compression is damaged" in refused(lambda: attack.client(server).sites()).message


# ---- what is in the answer ----------------------------------------------------------------------------------------

ENTITIES = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
LAUGHS = f'<!DOCTYPE l [<!ENTITY l0 "lol">{ENTITIES}]>' + ENVELOPE.format("<a>&l8;</a>")
EXTERNAL = '<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + ENVELOPE.format("<a>&x;</a>")
OUTSIDE = '<!DOCTYPE l SYSTEM "https://localhost:1/evil.dtd">' + ENVELOPE.format("<a/>")
DEEP = ENVELOPE.format("<a>" * 100_000 + "</a>" * 100_000)
POISONED = {
    "billion laughs": LAUGHS, "external entity": EXTERNAL, "outside DTD": OUTSIDE, "very deep": DEEP, "nothing": "",
    "HTML": "<html><body>Sign in to the guest network</body></html>", "JSON": '{"ok": true}', "text": "OK",
    "an empty envelope": ENVELOPE.format(""), "nul bytes": "\0\0\0", "half of it": SITES.decode()[:-30],
    "another operation": ENVELOPE.format(f"<GetItemListResponse {GP}/>"),
}  # fmt: skip


@pytest.mark.parametrize("name", list(POISONED))
@pytest.mark.parametrize("status", [200, 500])
def test_what_is_no_answer_of_gp_is_not_understood_and_not_repeated(attack: Attack, name: str, status: int) -> None:
    attack.then = lambda heard: answer(status, POISONED[name].encode())
    with Hostile(lambda number: attack.context(number), attack.signed) as server:
        client = attack.client(server)
        fault = refused(lambda: client.sites())
        assert fault.kind is FaultKind.UNAVAILABLE, fault
        assert "root:" not in fault.message
        assert "lol" not in fault.message
        if status == 200:
            reply = client.create("SalesOrder", ORDER)
            with pytest.raises(ValueError, match=r"CreateSalesOrderResponse|not XML|plain XML"):
                client.done("CreateSalesOrder", reply)
        else:
            assert refused(lambda: client.create("SalesOrder", ORDER)).executed is Executed.MAYBE
        assert len([heard for heard in attack.writes(server) if heard.leg == 3]) <= 1


def test_html_in_a_fault_is_not_shown(attack: Attack) -> None:
    text = "Server error &lt;script&gt;alert('jane@example.com')&lt;/script&gt; jane@example.com"
    attack.then = lambda heard: answer(500, soap(f"<s:Fault><faultstring>{text}</faultstring></s:Fault>"))
    with Hostile(lambda number: attack.context(number), attack.signed) as server:
        message = refused(lambda: attack.client(server).sites()).message
        assert "Server error" in message
        assert "script" not in message
        assert "jane@example.com" not in message


def test_an_order_that_is_another_one_is_not_taken_for_ours(attack: Attack) -> None:
    other = f"<GetSalesOrderByKeyResponse {GP}><GetSalesOrderByKeyResult><Key><Id>SB2</Id></Key>" \
        "</GetSalesOrderByKeyResult></GetSalesOrderByKeyResponse>"  # fmt: skip
    attack.then = lambda heard: answer(200, soap(other))
    with Hostile(lambda number: attack.context(number), attack.signed) as server:
        client = attack.client(server)
        fault = refused(lambda: client.order("SB1"))
        assert "it is about SB2" in fault.message
        assert "[read order SB1]" in fault.message
        found = client.order("sb2")
        assert found is not None
        assert found.number == "SB2"
