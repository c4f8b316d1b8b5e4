"""Windows sign-in without locking the account: one try per password, then a person.

Every refused sign-in counts at the domain, and a few of them lock the account for everybody who uses it. So a password
that was never accepted is tried by one worker alone while the others wait, and after a refusal nobody calls at all
until the secret is set again: a circuit that only a person closes.

A password that is refused because it was replaced meanwhile is another matter: the process only remembered the old one.
The secret is read anew before a refusal counts; if it is another one by now, the old one is tried by nobody any more,
nobody is alarmed, and the call is made once with the new one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connector.alerting import alert_once
from connector.credentials import Credentials
from connector.faults import ConfigurationFault, Executed, FaultKind, VendorFault
from connector.instants import instant_text, parse_instant
from connector.ports import AbsentOrBelow, Equals, Item
from connector.services import Services
from connector.transport import Gate, Reply, Request
from vendors.dynamics_gp.faults import SIGN_IN, VENDOR

TRYING = timedelta(minutes=4)
"""How long the one try may take: longer than any call and its function live."""

WAIT = timedelta(seconds=5)
IN_BETWEEN = frozenset({407, 502, 503, 504})
"""Statuses that a proxy or the Windows HTTP stack gives before anybody was signed in."""

PROVEN, OPEN, TRIED = "proven", "open", "trying"


@dataclass
class Login:
    """The sign-in of one connection as one piece of work sees it.

    State: table `state`, pk `circuit/<connection>/dynamics_gp`, sk `-`: {version, stage, until, why}.
    """

    services: Services
    connection: str
    credentials: Credentials
    _version: str = field(default="", init=False)
    _stage: str = field(default="", init=False)
    _replaced: bool = field(default=False, init=False)

    def secret(self) -> Mapping[str, str]:
        """User name, password and, where one is needed, the certificates to trust. Raises ConfigurationFault."""
        return self.credentials.read("username", "password")

    @property
    def version(self) -> str:
        """The stored version of the secret in use."""
        return self.credentials.known_version()

    def check(self) -> None:
        """Raises ConfigurationFault while the circuit is open, VendorFault(BUDGET) while another worker tries.

        Looked at before each call: every write signs in on a connection of its own, and a password that was refused
        elsewhere a moment ago must not be sent again.
        """
        self.secret()
        item = self._item()
        if item is not None and (item["version"] != self.version or item["stage"] == OPEN):
            # Set again meanwhile? What a warm process remembers may be the password that was refused elsewhere.
            self.credentials.forget()
            self.secret()
            if item["version"] == self.version and item["stage"] == OPEN:
                raise self._open_fault(str(item["why"]))
        mine = self._stage == TRIED and self._version == self.version
        self._version = self.version
        if item is not None and item["version"] == self._version and item["stage"] == PROVEN:
            self._stage = PROVEN
        elif not mine:
            self._claim(item)

    def _claim(self, item: Item | None) -> None:
        """Takes the one try of this version of the secret. Raises VendorFault(BUDGET) when somebody else has it."""
        now = self.services.clock()
        mine: Item = self._new(TRIED, instant_text(now + TRYING), "")
        same = item is not None and item["version"] == self._version
        if item is None or same:
            taken = self.services.tables.put("state", mine, AbsentOrBelow("until", instant_text(now)))
        else:
            taken = self.services.tables.put("state", mine, Equals({"version": item["version"]}))
        if not taken:
            text = "another worker is signing in with a password that is not proven yet; nothing was sent"
            raise VendorFault(VENDOR, FaultKind.BUDGET, text, Executed.NO, retry_at=now + WAIT)
        self._stage = TRIED

    def learn(self, reply: Reply, fault: VendorFault | None) -> None:
        """Notes what an answer says about the sign-in. What a device in between says proves nothing."""
        if fault is not None and fault.code == SIGN_IN:
            self._refused(str(fault))
        elif self._stage != PROVEN and reply.status not in IN_BETWEEN:
            self._stage = PROVEN
            tried = Equals({"version": self._version, "stage": TRIED})
            self.services.tables.put("state", self._new(PROVEN, instant_text(self.services.clock()), ""), tried)

    def release(self) -> None:
        """Gives back a try that brought no answer: the server could not be reached."""
        if self._stage == TRIED:
            self._stage = ""
            tried = Equals({"version": self._version, "stage": TRIED})
            self.services.tables.put("state", self._new(TRIED, "", ""), tried)

    def replaced(self) -> bool:
        """Whether the last refusal was that of a password that has been replaced since; told once."""
        replaced, self._replaced = self._replaced, False
        return replaced

    def _refused(self, why: str) -> None:
        """Ends the use of this password for everybody. It is a person's matter unless another one is stored by now."""
        ended = self._new(OPEN, instant_text(self.services.clock()), why)
        self.credentials.forget()
        self._replaced = self.credentials.version() not in ("", self._version)
        if self._replaced:
            self._stage = ""
            self.services.tables.put("state", ended, Equals({"version": self._version}))  # not over the new one's proof
            self.services.log.warning("the sign-in to Dynamics GP was that of a secret that was replaced meanwhile")
            return
        self._stage = OPEN
        self.services.tables.put("state", ended)
        self._alarm(why)

    def _alarm(self, why: str) -> None:
        name = self.credentials.name
        self.services.log.error("the circuit to Dynamics GP is open: no call is made", secret=name)
        self.services.log.metric("TokenRefreshFailed", 1)
        alert_once(
            self.services,
            f"gp-sign-in/{self.connection}/{self._version}",
            f"{self.connection}: Dynamics GP does not accept the sign-in",
            f"{why}\n\nNo further call is made, so that the account is not locked. Look whether the account is "
            f"locked, then set the secret again: ml-connector secrets set {name}\n"
            "Work that waits continues by itself.",
        )

    def _open_fault(self, why: str) -> ConfigurationFault:
        name = self.credentials.name
        self.services.log.metric("TokenRefreshFailed", 1)
        return ConfigurationFault(
            self.connection,
            f"no call is made to Dynamics GP since its sign-in was refused ({why}). Look whether the account is "
            f"locked, then set the secret again with `ml-connector secrets set {name}`; work that waits continues",
            ("secret", f"{name}@{self.version}"),
        )

    def _item(self) -> Item | None:
        return self.services.tables.get("state", f"circuit/{self.connection}/dynamics_gp", "-")

    def _new(self, stage: str, until: str, why: str) -> Item:
        return {
            "pk": f"circuit/{self.connection}/dynamics_gp",
            "sk": "-",
            "version": self._version,
            "stage": stage,
            "until": until,
            "why": why,
        }


@dataclass(frozen=True)
class Renewal:
    """Lets a call whose sign-in was refused be made once more, with the secret that has replaced the one in use.

    Implements `connector.transport.Authorizer`; the sign-in itself is the wire's, for it belongs to the connection.
    """

    login: Login

    def apply(self, request: Request) -> Request:
        """The request as it is."""
        return request

    def renew(self, rejected: Request) -> bool:
        """Whether another secret is there by now."""
        return self.login.replaced()


@dataclass(frozen=True)
class GuardedGate:
    """The account's budget behind the circuit: implements `connector.transport.Gate`."""

    gate: Gate
    login: Login

    def enter(self, request: Request) -> None:
        """Raises ConfigurationFault with the circuit open, VendorFault(BUDGET) when nothing may go out now."""
        self.login.check()
        self.gate.enter(request)

    def ready(self) -> None:
        """The same without a call."""
        self.login.check()
        self.gate.ready()

    def learn(self, reply: Reply, fault: VendorFault | None) -> None:
        """What the answer says about the sign-in and about load."""
        self.login.learn(reply, fault)
        self.gate.learn(reply, fault)


def open_since(services: Services, connection: str) -> tuple[datetime, str] | None:
    """When and why the circuit of a connection opened; None while it is closed. For the doctor."""
    item = services.tables.get("state", f"circuit/{connection}/dynamics_gp", "-")
    if item is None or item["stage"] != OPEN:
        return None
    return parse_instant(str(item["until"])), str(item["why"])
