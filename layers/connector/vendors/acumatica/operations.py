"""Long-running operations: 202 with a Location that is asked until it says 204 (guide: "Execute an Action")."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from connector.effect import Pending
from connector.faults import Executed, FaultKind, VendorFault
from connector.transport import Reply, Request, Transport
from vendors.acumatica.settings import AcumaticaSystem
from vendors.acumatica.urls import resolve

FIRST_LOOK = timedelta(seconds=2)
KEEP_SESSION = timedelta(seconds=60)
"""How long the session stays reserved after each look: long enough for the record to come round again."""

_FAILED = frozenset({FaultKind.INVALID, FaultKind.CONFLICT, FaultKind.DUPLICATE, FaultKind.NOT_FOUND})
"""What a status answer may say of the operation itself; every other fault is about the asking."""


@dataclass(frozen=True)
class Operations:
    """Follows operations. `extend` keeps the account's session for this holder, because while an operation runs every
    other request of the session may fail; None gives it free again."""

    transport: Transport
    system: AcumaticaSystem
    extend: Callable[[datetime | None], None]

    def begun(self, reply: Reply) -> Pending | None:
        """What an action's answer means: None = completed (or nothing to do), Pending = it runs.

        Never raises VendorFault, since the action was taken; raises ValueError when a running operation's Location is
        missing or leads elsewhere. A 204 may carry a dead Location: it is ignored, as the vendor's own test does.
        """
        if reply.status != 202:
            return None
        location = resolve(self.system, reply.headers.get("location", ""))
        self._keep(self.transport.clock() + FIRST_LOOK + KEEP_SESSION)
        return Pending(location.removeprefix(self.system.origin), FIRST_LOOK)

    def check(self, operation: str) -> Pending | None:
        """Asks once: None = finished well, Pending = still running.

        Raises VendorFault when it failed (INVALID, CONFLICT: rolled back), or UNAVAILABLE when its fate cannot be told.
        """
        try:
            reply = self.transport.send(self._status_request(operation))
        except VendorFault as fault:
            raise self._judged(operation, fault) from fault
        if reply.status == 202:
            self._keep(self.transport.clock() + FIRST_LOOK + KEEP_SESSION)
            return Pending(operation, FIRST_LOOK)
        self._keep(None)
        return None

    def _status_request(self, operation: str) -> Request:
        return Request(
            "GET", resolve(self.system, operation), "operation status", {"Accept": "application/json"},
            timeout=self.system.timeout_seconds, slot=False,
        )

    def _judged(self, operation: str, fault: VendorFault) -> VendorFault:
        """A fault of the asking must not pass for a failure of the operation: nobody may write again because of it."""
        if fault.kind is FaultKind.NOT_FOUND and "/status/" in operation and fault.status == 404:
            message = "the ERP no longer knows this operation; the document itself has to tell how it ended"
            return replace(fault, kind=FaultKind.UNAVAILABLE, message=message, executed=Executed.MAYBE)
        if fault.kind in _FAILED:
            self._keep(None)
            return fault
        # Without a word the end of this piece of work would free the session, and others would meet the operation.
        self._keep(self.transport.clock() + FIRST_LOOK + KEEP_SESSION)
        if fault.kind in (FaultKind.FORBIDDEN, FaultKind.CONFIGURATION, FaultKind.UNSUPPORTED_QUERY):
            return replace(fault, kind=FaultKind.UNAVAILABLE, executed=Executed.MAYBE)
        return fault

    def _keep(self, until: datetime | None) -> None:
        """Keeping the session is a courtesy: if it fails, the operation runs on all the same."""
        try:
            self.extend(until)
        except VendorFault as fault:
            self.transport.log.warning("session could not be kept for the operation", fault=fault.kind.value)
