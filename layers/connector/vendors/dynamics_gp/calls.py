"""How every call to GP is put together: operation, action header, size, reading of the answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from connector.faults import Executed, FaultKind, VendorFault
from connector.transport import Reply, Request, Transport
from vendors.dynamics_gp.envelope import CONTENT_TYPE, action, envelope, key_part
from vendors.dynamics_gp.faults import VENDOR
from vendors.dynamics_gp.keys import same
from vendors.dynamics_gp.settings import DynamicsGpSystem
from vendors.dynamics_gp.xml import Node, parse

if TYPE_CHECKING:
    from vendors.dynamics_gp.xml import Element

Parsed = TypeVar("Parsed")


@dataclass(frozen=True)
class Calls:
    """Sends operations to one company."""

    transport: Transport
    system: DynamicsGpSystem

    def ask(self, operation: str, *parts: Element, purpose: str, patient: bool = False) -> Node:
        """A read; answers `<Operation>Result`, or the empty answer itself. Raises VendorFault.

        `patient`: a list, which GP reads without an index.
        """
        seconds = self.system.list_timeout_seconds if patient else self.system.timeout_seconds
        reply = self.transport.send(self._request(operation, parts, None, purpose, seconds, write=False))
        answered = readable(purpose, lambda: answer_of(reply, operation))
        return answered.find(f"{operation}Result") or answered

    def by_key(
        self, operation: str, key: str, purpose: str, read: Callable[[Node], Parsed], *, verbatim: bool = True
    ) -> Parsed | None:
        """A read by key, as `read` makes sense of it; None when GP holds no such thing.

        A fault of GP's own names the key: one damaged thing fails for good, and somebody has to find it in GP.
        `verbatim`: the answer must be about this key. Two orders may be alike but for their numbers, and an answer that
        belongs to the other one would make us believe that this one is entered.
        """

        def checked(found: Node) -> Parsed:
            if verbatim and not same(found.needed("Key", "Id"), key):
                raise ValueError(f"it is about {found.needed('Key', 'Id')}")
            return read(found)

        try:
            found = self._optional(operation, key, purpose)
            return None if found is None else readable(purpose, lambda: checked(found))
        except VendorFault as fault:
            if fault.kind is not FaultKind.UNAVAILABLE:
                raise
            raise replace(fault, message=f"{fault.message} [{purpose} {key}]") from fault

    def _optional(self, operation: str, key: str, purpose: str) -> Node | None:
        try:
            found = self.ask(operation, key_part(key), purpose=purpose)
        except VendorFault as fault:
            if fault.kind is FaultKind.NOT_FOUND:
                return None
            raise
        return found if found.name == f"{operation}Result" else None

    def write(self, operation: str, *parts: Element, policy: Element | None, purpose: str) -> Reply:
        """A write, sent once; it answers nothing but that it was done. Raises VendorFault, executed MAYBE when unclear.

        Read the reply with `read_done`.
        """
        request = self._request(operation, parts, policy, purpose, self.system.timeout_seconds, write=True)
        return self.transport.send(request)

    def _request(
        self,
        operation: str,
        parts: Sequence[Element],
        policy: Element | None,
        purpose: str,
        seconds: float,
        *,
        write: bool,
    ) -> Request:
        body = envelope(operation, parts, self.system, policy)
        if len(body) > self.system.largest_request:
            text = (
                f"{purpose}: the request has {len(body)} bytes, more than largest_request "
                f"({self.system.largest_request}); nothing was sent. Split the document, or raise the bound if the "
                "service takes more"
            )
            raise VendorFault(VENDOR, FaultKind.INVALID, text, Executed.NO)
        headers = {"Content-Type": CONTENT_TYPE, "SOAPAction": action(operation)}
        return Request("POST", self.system.url, purpose, headers, body, timeout=seconds, write=write)


def answer_of(reply: Reply, operation: str) -> Node:
    """The `<Operation>Response` of an answer. Raises ValueError."""
    answered = parse(reply.body).find("Body", f"{operation}Response")
    if answered is None:
        raise ValueError(f"no {operation}Response in it")
    return answered


def read_done(reply: Reply, operation: str) -> None:
    """Makes sure that a write's answer says what it says when all went well. Raises ValueError."""
    answer_of(reply, operation)


def readable(purpose: str, read: Callable[[], Parsed]) -> Parsed:
    """What `read` makes of an answer. Raises VendorFault(UNAVAILABLE) with an alarm when it cannot be understood."""
    try:
        return read()
    except (ValueError, ArithmeticError) as error:
        text = f"{purpose}: the answer cannot be read ({error}). It is asked again later; if it stays so, report it"
        raise VendorFault(VENDOR, FaultKind.UNAVAILABLE, text, Executed.NO, alarm=True) from error
