"""Services on which a credential can be tried: a failure leaves no mark, a success leaves its token."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from cli.wire import KEY as WIRE
from connector.ports import Condition, Delete, Item, Page, Put, Secret, Secrets, Tables
from connector.services import Services


@dataclass
class TrialSecrets:
    """Secrets with one of them as it would be. Implements `connector.ports.Secrets`.

    A token that the trial brings is stored for good: it is as good as one that the old credential brings, and at
    Acumatica it stands for a licensed session. Until then the trial finds none, so that it must sign in. What a refused
    sign-in would write (that a person must connect again) is not written.
    """

    real: Secrets
    name: str
    text: str
    _written: set[str] = field(default_factory=set)

    def read(self, name: str) -> Secret | None:
        """The secret on trial, no token before the trial has brought one, everything else as it is."""
        if name == self.name:
            return Secret(self.text, None, "trial")
        if name == f"{self.name}/token" and name not in self._written:
            return None
        return self.real.read(name)

    def write(self, name: str, text: str) -> str:
        """Stores a token; drops the mark of a refusal."""
        if "reconnect" in json.loads(text):
            return "trial"
        version = self.real.write(name, text)
        self._written.add(name)
        return version


@dataclass
class TrialTables:
    """Tables in which the trial has a token lease of its own. Implements `connector.ports.Tables`."""

    real: Tables
    aside: tuple[str, ...]
    _kept: dict[tuple[str, str], Item] = field(default_factory=dict)

    def get(self, table: str, pk: str, sk: str) -> Item | None:
        """One item."""
        return self._kept.get((pk, sk)) if self._is_aside(pk) else self.real.get(table, pk, sk)

    def _is_aside(self, pk: str) -> bool:
        return any(pk == place or pk.startswith(f"{place}/") for place in self.aside)

    def get_many(self, table: str, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Item]:
        """Many items."""
        return self.real.get_many(table, keys)

    def put(self, table: str, item: Item, condition: Condition = None) -> bool:
        """One item; those set aside are this process's own, so that no condition can fail."""
        if self._is_aside(str(item["pk"])):
            self._kept[(str(item["pk"]), str(item["sk"]))] = item
            return True
        return self.real.put(table, item, condition)

    def delete(self, table: str, pk: str, sk: str, condition: Condition = None) -> bool:
        """One item less."""
        return self.real.delete(table, pk, sk, condition)

    def add(
        self, table: str, pk: str, sk: str, attribute: str, amount: int, *, ceiling: int | None = None,
        expires_at: int | None = None,
    ) -> int | None:
        """Counts for everybody: the vendor counts this call too."""
        return self.real.add(table, pk, sk, attribute, amount, ceiling=ceiling, expires_at=expires_at)

    def transact(self, writes: Sequence[Put | Delete]) -> bool:
        """All or nothing."""
        return self.real.transact(writes)

    def query(
        self, table: str, pk: str, *, prefix: str = "", descending: bool = False, limit: int | None = None,
        start: str | None = None,
    ) -> Page:
        """Items of one partition."""
        return self.real.query(table, pk, prefix=prefix, descending=descending, limit=limit, start=start)

    def query_index(
        self, table: str, index: str, value: str, *, below: str | None = None, descending: bool = False,
        limit: int | None = None, start: str | None = None,
    ) -> Page:
        """Items by an index."""
        return self.real.query_index(
            table, index, value, below=below, descending=descending, limit=limit, start=start
        )

    def scan(self, table: str, *, start: str | None = None, limit: int | None = None) -> Page:
        """Everything."""
        return self.real.scan(table, start=start, limit=limit)


class Unheard:
    """Alerts of a trial: the person who would be told is looking at the answer. Implements `connector.ports.Alerts`."""

    def send(self, subject: str, text: str) -> None:
        """Tells nobody."""


def on_trial(services: Services, connection: str, system: str, values: Mapping[str, str]) -> Services:
    """The services with this credential instead of the stored one, and with nothing remembered but the wire."""
    # Leases, and marks of a refused sign-in, belong to the stored credential: a trial must neither see nor leave them.
    marks = ("lease/token", "reconnect", "circuit", "alert/token")
    aside = tuple(f"{mark}/{connection}/{system}" for mark in marks)
    return replace(
        services,
        secrets=TrialSecrets(services.secrets, f"{connection}/{system}", json.dumps(dict(values))),
        tables=TrialTables(services.tables, aside),
        alerts=Unheard(),
        memory={key: value for key, value in services.memory.items() if key == WIRE},
    )
