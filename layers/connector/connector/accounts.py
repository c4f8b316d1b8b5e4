"""Opening a vendor's client for one piece of work, the same way in every pair."""

from __future__ import annotations

from typing import Protocol, TypeVar

from connector.connection import ConnectionDocument
from connector.services import Services
from connector.transport import Wire
from connector.wire import process_wire

System = TypeVar("System", contravariant=True)
Client = TypeVar("Client", covariant=True)


class Opener(Protocol[System, Client]):
    """A vendor's `open_...`: credentials, tokens, budget and transport put together."""

    def __call__(
        self, services: Services, connection: str, system: System, *, lane: str, holder: str, wire: Wire
    ) -> Client:
        """The client. Nothing is sent yet."""
        ...


class Accounts(Protocol):
    """What a pair's accounts know of the piece of work that they are opened for."""

    @property
    def services(self) -> Services: ...
    @property
    def document(self) -> ConnectionDocument: ...
    @property
    def lane(self) -> str: ...
    @property
    def holder(self) -> str: ...


def open_client(accounts: Accounts, opener: Opener[System, Client], system: System) -> Client:
    """The client of one of the accounts, over the process's own connections. Raises what the opener raises."""
    return opener(
        accounts.services,
        accounts.document.connection,
        system,
        lane=accounts.lane,
        holder=accounts.holder,
        wire=process_wire(accounts.services),
    )
