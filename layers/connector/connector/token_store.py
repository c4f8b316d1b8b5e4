"""What is kept about one connection's token: the token itself in a secret, who may renew it in a lease.

The secret `<connection>/<system>/token` is JSON: access, expires_at, refresh, scope, fetched_at, refresh_at, forced
and, after a refused refresh, reconnect {why, since, credentials}. Who writes it by hand needs only the first four.
The lease stands in the state table, pk `lease/token/<connection>/<system>`, sk `-`.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from connector.faults import ConfigurationFault
from connector.instants import epoch_seconds, instant_text, parse_instant
from connector.ports import Absent, Equals, Item
from connector.services import Services

LEASE = timedelta(minutes=2)
"""Longer than any refresh may take (three calls of 5 s to connect and 30 s to answer, storing): two never overlap."""

STALE = timedelta(minutes=5)
"""How long a secret that differs from the last stored version is taken for an old copy, not for a person's change."""


@dataclass(frozen=True)
class Token:
    """A vendor's token. `expires_at` comes from the lifetime that the vendor stated, counted from the answer's arrival.

    refresh: None means that the vendor answered none (the one we have stays valid), "" that there is none any more.
    """

    access: str = field(repr=False)
    expires_at: datetime
    refresh: str | None = field(default=None, repr=False)
    scope: str = ""


@dataclass(frozen=True)
class Reconnect:
    """The vendor refused a refresh: a person must act. `credentials` is the version that was refused."""

    why: str
    since: str
    credentials: str


@dataclass(frozen=True)
class Stored:
    """The secret's content. `forced` counts renewals that a rejection made necessary; an ordinary one takes one off."""

    token: Token | None = None
    fetched_at: datetime | None = None
    refresh_at: datetime | None = None
    forced: int = 0
    reconnect: Reconnect | None = None
    version: str = ""


@dataclass(frozen=True)
class TokenStore:
    """Reads and writes the secret."""

    services: Services
    connection: str
    system: str

    @property
    def name(self) -> str:
        """The secret's short name."""
        return f"{self.connection}/{self.system}/token"

    def read(self) -> Stored:
        """The stored token. Raises ConfigurationFault when the secret is not what we write."""
        secret = self.services.secrets.read(self.name)
        if secret is None:
            return Stored()
        try:
            return replace(_decoded(json.loads(secret.current)), version=secret.version)
        except (ValueError, KeyError, TypeError, AttributeError):
            # The parser's own message quotes the text, which is secret.
            raise ConfigurationFault(
                self.connection,
                f"the secret {self.name!r} does not hold a token as this program writes it. Renew it with "
                f"`ml-connector connections authorize {self.connection} --system {self.system}`.",
            ) from None

    def write(self, stored: Stored) -> Stored:
        """Stores durably, answers the same with its new version."""
        version = self.services.secrets.write(self.name, json.dumps(_encoded(stored)))
        return replace(stored, version=version)


def _encoded(stored: Stored) -> dict[str, Any]:
    document: dict[str, Any] = {"forced": stored.forced}
    if stored.token is not None:
        token = stored.token
        document |= {"access": token.access, "expires_at": instant_text(token.expires_at), "scope": token.scope}
        document |= {"refresh": token.refresh} if token.refresh else {}
    if stored.fetched_at is not None:
        document["fetched_at"] = instant_text(stored.fetched_at)
    if stored.refresh_at is not None:
        document["refresh_at"] = instant_text(stored.refresh_at)
    if stored.reconnect is not None:
        document["reconnect"] = vars(stored.reconnect)
    return document


def _decoded(document: dict[str, Any]) -> Stored:
    token = None
    if document.get("access"):
        token = Token(
            _text(document["access"]),
            parse_instant(document["expires_at"]),
            _text(document["refresh"]) if document.get("refresh") else None,
            _text(document.get("scope") or ""),
        )
    elif document.get("refresh"):
        # An authorization made elsewhere, with no access token yet: the first use renews it.
        token = Token("", datetime.fromisoformat("1970-01-01T00:00:00+00:00"), _text(document["refresh"]))
    return Stored(
        token,
        parse_instant(document["fetched_at"]) if "fetched_at" in document else None,
        parse_instant(document["refresh_at"]) if "refresh_at" in document else None,
        int(document.get("forced", 0)),
        Reconnect(**document["reconnect"]) if document.get("reconnect") else None,
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a token's member is not text")
    return value


@dataclass
class TokenLease:
    """The right to call the token endpoint, and what is remembered between two such calls.

    Item: holder ("" free, "waiting" after a failure, else whoever renews), until, version and stored_at of the newest
    secret, failures in a row, lost (an attempt ended without an answer).
    """

    services: Services
    connection: str
    system: str
    holder: str = field(default_factory=lambda: secrets.token_hex(8))
    _item: Item = field(default_factory=dict, init=False)

    def take(self) -> bool:
        """True when the lease is ours now."""
        now = self.services.clock()
        before = self.services.tables.get("state", self._pk, "-")
        if before is not None and instant_text(now) < str(before["until"]):
            return False
        item: Item = {"failures": 0, "lost": False, "version": "", "stored_at": "", **(before or {})}
        # A holder that never gave the lease back died on the way: its answer may be lost.
        item["lost"] = bool(item["lost"]) or (before is not None and before["holder"] not in ("", "waiting"))
        condition = Absent() if before is None else Equals({"holder": before["holder"], "until": before["until"]})
        return self._put(item, self.holder, now + LEASE, condition)

    @property
    def lost(self) -> bool:
        """Whether an earlier attempt ended without an answer, so that the refresh token may be spent."""
        return bool(self._item.get("lost", False))

    def is_stale(self, stored: Stored) -> bool:
        """Whether the secret just read is older than what was stored last: secrets may be late, the table is not."""
        newest, stored_at = str(self._item.get("version", "")), str(self._item.get("stored_at", ""))
        if not newest or newest == stored.version:
            return False
        return self.services.clock() < parse_instant(stored_at) + STALE

    def release(self, stored: Stored | None = None) -> None:
        """Gives the lease back; `stored` is what was just stored, after which all failures are forgotten."""
        item = dict(self._item)
        if stored is not None:
            now = instant_text(self.services.clock())
            item |= {"version": stored.version, "stored_at": now, "failures": 0, "lost": False}
        self._put(item, "", None, Equals({"holder": self.holder}))

    def show(self, stored: Stored) -> None:
        """Keeps a copy of "reconnect needed" for those who may not read tokens; stale with the next newer secret."""
        if stored.reconnect is not None:
            mark = {"version": stored.version, "since": stored.reconnect.since, "why": stored.reconnect.why}
            self.services.tables.put("state", {"pk": f"reconnect/{self.connection}/{self.system}", "sk": "-", **mark})

    def wait(self, until: datetime, lost: bool) -> None:
        """Nobody may try again before `until`. A vendor that is down is not asked by every worker in turn."""
        item: Item = {**self._item, "failures": self.failures + 1, "lost": self.lost or lost}
        self._put(item, "waiting", until, Equals({"holder": self.holder}))

    @property
    def failures(self) -> int:
        """Attempts in a row that failed for a passing reason."""
        return int(self._item.get("failures", 0))

    @property
    def _pk(self) -> str:
        return f"lease/token/{self.connection}/{self.system}"

    def _put(self, item: Item, holder: str, until: datetime | None, condition: Absent | Equals) -> bool:
        item = {
            **item,
            "pk": self._pk,
            "sk": "-",
            "holder": holder,
            "until": instant_text(until) if until is not None else "",
            "expires_at": epoch_seconds(self.services.clock() + timedelta(days=30)),
        }
        held = self.services.tables.put("state", item, condition)
        if held:
            self._item = item
        return held
