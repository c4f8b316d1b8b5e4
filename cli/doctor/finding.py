"""What the doctor says, and how a check says it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from connector.connection import Connection
from connector.faults import ConfigurationFault, FaultKind, VendorFault
from connector.services import Services

T = TypeVar("T")


class Severity(StrEnum):
    """How much a finding matters. The comment says what follows."""

    OK = "ok"
    NOTE = "note"  # worth knowing; nothing has to be done
    WARNING = "warning"  # some records will be held or come late
    ERROR = "error"  # nothing moves, or it moves wrongly: do this before going live


@dataclass(frozen=True)
class Finding:
    """One finding: which check, how serious, what was found, what to do."""

    check: str
    severity: Severity
    what: str
    fix: str = ""


@dataclass
class Examination:
    """One connection under examination: its accounts, and what was found so far.

    patience: repeats a call while our own budget or session is taken. public_base: of the webhook addresses.
    """

    services: Services
    connection: Connection
    accounts: Any
    patience: Callable[[Callable[[], Any]], Any]
    public_base: str
    findings: list[Finding] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The connection's name."""
        return self.connection.name

    def good(self, check: str, what: str) -> None:
        """All is well."""
        self.findings.append(Finding(check, Severity.OK, what))

    def note(self, check: str, what: str, fix: str = "") -> None:
        """Worth knowing."""
        self.findings.append(Finding(check, Severity.NOTE, what, fix))

    def warn(self, check: str, what: str, fix: str) -> None:
        """Some records will be held or late."""
        self.findings.append(Finding(check, Severity.WARNING, what, fix))

    def bad(self, check: str, what: str, fix: str) -> None:
        """Must be put right."""
        self.findings.append(Finding(check, Severity.ERROR, what, fix))

    def attempt(self, check: str, call: Callable[[], T], fixes: dict[FaultKind, str] | None = None) -> T | None:
        """The call's answer; None after a finding that says why there is none.

        fixes: what to do by kind of fault, where this check knows better than the fault itself.
        """
        try:
            answer: T = self.patience(call)
            return answer
        except VendorFault as fault:
            fix = (fixes or {}).get(fault.kind) or FIXES.get(fault.kind, SEE_TEXT)
            self.bad(check, str(fault), fix.replace(ACCOUNT, f"{self.name} {fault.vendor}"))
        except ConfigurationFault as fault:
            self.bad(check, fault.message, SEE_TEXT)
        return None


SEE_TEXT = "as the text says; then run the doctor again"

ACCOUNT = "<account>"
"""Stands in a fix for the connection and the system whose sign-in is meant."""

FIXES = {
    FaultKind.EXPIRED: f"ml-connector secrets rotate {ACCOUNT}, with a credential that the vendor accepts: it is tried "
    "before it is stored",
    FaultKind.NOT_SENT: "look at the address in the connection file, the name service, the network, the certificate",
    FaultKind.UNAVAILABLE: "the vendor does not answer properly; try again later, look at its status page",
    FaultKind.THROTTLED: "the account is used up for the moment; try again in some minutes",
    FaultKind.BUDGET: "the connection is busy; pause it, or run the doctor at a quieter time",
    FaultKind.FORBIDDEN: "give the API user or token the right that is named, then run the doctor again",
}
