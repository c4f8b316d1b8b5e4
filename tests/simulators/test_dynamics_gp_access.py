"""The way to the GP host: https, certificates, NTLM on one connection, accounts that lock."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from requests_ntlm import HttpNtlmAuth

from local.simulators.base import Fault
from local.simulators.dynamics_gp.certificates import Issued, TestAuthority
from local.simulators.dynamics_gp.network import SOAP_PATH, gp_server
from local.simulators.dynamics_gp.ntlm import ALWAYS, WHEN_SUPPORTED, Directory
from local.simulators.server import SimulatorServer
from tests.simulators.gp_bench import Bench

SERVICE = "CORP\\svc-shipbob"
PASSWORD = "Correct-Horse-1"
UPN = "svc-shipbob@corp.example"


@dataclass
class Host:
    """A GP host on loopback and a caller in front of it."""

    bench: Bench
    directory: Directory
    authority: TestAuthority
    server: SimulatorServer

    def call(
        self,
        user: str = SERVICE,
        password: str = PASSWORD,
        *,
        session: requests.Session | None = None,
        verify: bool | None = None,
        cbt: bool = True,
    ) -> requests.Response:
        """One harmless call with NTLM."""
        return (session or requests.Session()).post(
            self.server.url + SOAP_PATH,
            data=self.bench.message("GetWSEnabledCompanyForUserList", company=None),
            headers={
                "Content-Type": "text/xml; charset=utf-8",
                "SOAPAction": '"http://schemas.microsoft.com/dynamics/gp/2006/01/GetWSEnabledCompanyForUserList"',
            },
            auth=HttpNtlmAuth(user, password, send_cbt=cbt),
            verify=verify or str(self.authority.bundle),
            timeout=10,
        )


def a_host(folder: Path, issued: Issued | None = None) -> Host:
    authority = TestAuthority(folder, datetime.now(UTC))
    bench = Bench()
    directory = Directory({SERVICE: PASSWORD, UPN: PASSWORD}, lock_after=3)
    server = gp_server(bench.sim, directory, issued or authority.issue("localhost"))
    return Host(bench, directory, authority, server)


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    made = a_host(tmp_path)
    with made.server:
        yield made


@pytest.mark.parametrize("user", [SERVICE, UPN])
def test_three_legs_on_one_connection_let_a_known_account_in(host: Host, user: str) -> None:
    assert host.call(user).status_code == 200
    assert host.directory.legs == {"challenges": 1, "accepted": 1, "refused": 0}
    assert [call.status for call in host.bench.sim.calls] == [200]  # the body was sent three times, GP acted once


def test_nobody_comes_in_without_signing_in(host: Host) -> None:
    answered = requests.post(host.server.url + SOAP_PATH, data=b"x", verify=str(host.authority.bundle), timeout=10)

    assert (answered.status_code, answered.headers["WWW-Authenticate"]) == (401, "NTLM")
    assert host.bench.sim.calls == []


def test_a_signed_in_connection_stays_so_unless_the_host_challenges_every_request(host: Host) -> None:
    session = requests.Session()
    host.call(session=session)
    host.call(session=session)
    assert host.directory.legs["accepted"] == 1

    host.directory.challenge_every_request = True
    host.call(session=session)
    host.call(session=session)
    assert host.directory.legs["accepted"] == 3


def test_an_account_locks_after_refused_third_legs_and_stays_locked_for_the_right_password(host: Host) -> None:
    assert [host.call(password="wrong").status_code for _ in range(3)] == [401, 401, 401]
    assert host.call().status_code == 401
    assert host.directory.locked == {SERVICE.lower()}

    host.directory.unlock(SERVICE)
    assert host.call().status_code == 200


def test_an_accepted_sign_in_forgets_the_refused_ones(host: Host) -> None:
    for _ in range(3):
        host.call(password="wrong")
        host.call(password="wrong")
        assert host.call().status_code == 200


def test_an_unknown_account_is_refused(host: Host) -> None:
    assert host.call("CORP\\nobody").status_code == 401


@pytest.mark.parametrize("scheme", ["Basic", "Negotiate", "Bearer"])
def test_other_schemes_are_challenged(host: Host, scheme: str) -> None:
    token = base64.b64encode(b"svc:secret").decode()
    answered = requests.post(
        host.server.url + SOAP_PATH,
        headers={"Authorization": f"{scheme} {token}"},
        verify=str(host.authority.bundle),
        timeout=10,
    )
    assert answered.status_code == 401


def test_a_third_leg_on_another_connection_is_refused_without_a_count(host: Host) -> None:
    url, bundle = host.server.url + SOAP_PATH, str(host.authority.bundle)
    signer = HttpNtlmAuth(SERVICE, PASSWORD)
    third: list[str] = []
    with requests.Session() as session:
        session.hooks["response"].append(
            lambda reply, **_: third.append(str(reply.request.headers.get("Authorization")))
        )
        session.post(url, data=b"x", auth=signer, verify=bundle, timeout=10)
    token = next(each for each in reversed(third) if base64.b64decode(each.split()[-1] + "==")[8:9] == b"\x03")
    answered = requests.post(url, headers={"Authorization": token}, verify=bundle, timeout=10)

    assert answered.status_code == 401
    assert host.directory.legs["refused"] == 0


@pytest.mark.parametrize("policy", [WHEN_SUPPORTED, ALWAYS])
def test_the_channel_binding_of_this_very_certificate_is_accepted(host: Host, policy: str) -> None:
    host.directory.extended_protection = policy
    assert host.call().status_code == 200


def test_without_a_channel_binding_extended_protection_refuses_only_when_it_is_always(host: Host) -> None:
    host.directory.extended_protection = WHEN_SUPPORTED
    assert host.call(cbt=False).status_code == 200
    host.directory.extended_protection = ALWAYS
    assert host.call(cbt=False).status_code == 401


def test_an_untrusted_authority_is_the_callers_refusal(host: Host) -> None:
    with pytest.raises(requests.exceptions.SSLError):
        host.call(verify=True)
    assert host.call().status_code == 200  # the server lives on


@pytest.mark.parametrize(("name", "expired"), [("gp.elsewhere.example", False), ("localhost", True)])
def test_a_certificate_for_another_host_or_of_yesterday_is_refused(tmp_path: Path, name: str, expired: bool) -> None:
    authority = TestAuthority(tmp_path, datetime.now(UTC))
    made = a_host(tmp_path, authority.issue(name, expired=expired))
    made.authority = authority
    with made.server, pytest.raises(requests.exceptions.SSLError):
        made.call()


def test_plain_http_finds_nobody_to_talk_to(host: Host) -> None:
    with pytest.raises(requests.exceptions.ConnectionError):
        requests.get(host.server.url.replace("https", "http"), timeout=10)


def test_a_connection_can_break_after_gp_acted(host: Host) -> None:
    host.bench.sim.dial.plan(Fault.DROP_AFTER, "#GetWSEnabled")
    with pytest.raises(requests.exceptions.ConnectionError):
        host.call()
    assert host.bench.sim.calls[-1].fault is Fault.DROP_AFTER
    assert host.call().status_code == 200


def test_the_control_door_needs_no_sign_in(host: Host) -> None:
    url = f"{host.server.url}/_control/holdings"
    answered = requests.get(url, verify=str(host.authority.bundle), timeout=10)
    assert answered.json()["company"] == "Fabrikam, Inc."
