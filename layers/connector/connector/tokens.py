"""Access tokens: fetched once for all workers, stored durably before use, never fetched in a loop.

    memory -> secret -> refresh by the one worker that holds the lease

A worker that does not get the lease uses the old token while it is valid, or comes back in a few seconds. A refresh
that the vendor refuses is remembered with the token ("reconnect needed"), told to a person once, and not repeated:
repeated wrong passwords lock accounts, and token endpoints have daily quotas.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from connector.alerting import alert_once
from connector.backoff import wait_until
from connector.bearer import BearerAuthorizer, StaticBearer
from connector.credentials import Credentials
from connector.faults import ConfigurationFault, Executed, FaultKind, VendorFault
from connector.instants import instant_text
from connector.log import Log
from connector.services import Services
from connector.token_quota import TokenQuota
from connector.token_store import Reconnect, Stored, Token, TokenLease, TokenStore

__all__ = ["BearerAuthorizer", "Fetch", "StaticBearer", "Token", "TokenCache", "reconnect_needed"]

Fetch = Callable[[Token | None], Token]
"""Calls the vendor's token endpoint; given the stored token (for its refresh token), raises VendorFault."""

PASSING = frozenset({FaultKind.NOT_SENT, FaultKind.BUDGET, FaultKind.THROTTLED, FaultKind.UNAVAILABLE})
"""Failures of a refresh that say nothing about the credentials."""

REMEMBER = timedelta(minutes=5)
RECHECK = timedelta(minutes=1)
ASK_AGAIN = timedelta(minutes=15)
LAST_SECONDS = timedelta(seconds=5)


@dataclass
class TokenCache:
    """The token of one connection's system. `early`: how long before its end it is renewed (at most half its life).

    daily_limit: token calls a day after which no more are made (UPS); `alarm_at` is the part of it that alerts.
    """

    services: Services
    connection: str
    system: str
    fetch: Fetch
    early: timedelta = timedelta(minutes=5)
    daily_limit: int | None = None
    alarm_at: float = 0.8

    def current(self) -> Token:
        """A token that may be used now. Raises VendorFault (nothing of the request that needs it was sent)."""
        stored = self._remembered() or self._load()
        self._refuse(stored)
        if stored.token is not None and not self._due(stored):
            return stored.token
        return self._refresh(stored, rejected=None)

    def renew(self, rejected_access: str) -> bool:
        """Replaces a token that the vendor rejected; True when there is now another one to try with.

        False when the rejected token was fetched so recently that a new one cannot be the cure. The waiting time
        doubles with every forced renewal in a row (up to an hour), so that a vendor which answers 401 for another
        reason costs a handful of token calls a day, not one for every request.
        """
        stored = self._load()
        self._refuse(stored)
        now = self.services.clock()
        if stored.token is not None and stored.token.access != rejected_access and _valid(stored, now):
            return True
        if stored.fetched_at is not None and now < stored.fetched_at + _patience(stored.forced):
            return False
        self._refresh(stored, rejected=rejected_access)
        return True

    def store(self, token: Token) -> None:
        """Stores a token that a person has just authorized; ends "reconnect needed"."""
        stored = self._keep(Stored(), token, forced=0)
        lease = self._lease()
        if lease.take():
            lease.release(stored)

    def _refresh(self, stored: Stored, rejected: str | None) -> Token:
        lease = self._lease()
        if not lease.take():
            return self._meanwhile(stored, rejected, self._soon("another worker renews it, or waits after a failure"))
        stored = self._load()
        if lease.is_stale(stored):
            lease.release()
            return self._meanwhile(stored, rejected, self._soon("the newest one cannot be read yet"))
        # Somebody may have renewed it between our look and our lease.
        usable = stored.token is not None and stored.token.access != rejected and not self._due(stored)
        if stored.token is not None and usable and stored.reconnect is None:
            lease.release()
            return stored.token
        try:
            self._refuse(stored)
        except VendorFault:
            lease.release()
            raise
        try:
            self._quota().take()
        except VendorFault as fault:
            lease.release()
            return self._meanwhile(stored, rejected, fault)
        return self._call(stored, rejected, lease)

    def _call(self, stored: Stored, rejected: str | None, lease: TokenLease) -> Token:
        try:
            token = self.fetch(stored.token)
        except ConfigurationFault:
            lease.release()
            raise
        except VendorFault as fault:
            if fault.kind in PASSING:
                return self._passing(stored, rejected, lease, fault)
            return self._refused(stored, rejected, lease, fault)
        forced = stored.forced + 1 if rejected is not None else max(0, stored.forced - 1)
        kept = self._keep(stored, token, forced)
        lease.release(kept)
        return kept.token or token

    def _keep(self, before: Stored, token: Token, forced: int) -> Stored:
        """Stores the token durably; only then is it remembered and used."""
        now = self.services.clock()
        if token.refresh is None and before.token is not None:
            token = replace(token, refresh=before.token.refresh)
        early = min(self.early, (token.expires_at - now) / 2)
        stored = Stored(token, fetched_at=now, refresh_at=token.expires_at - early, forced=forced)
        return self._remember(self._secret().write(stored))

    def _passing(self, stored: Stored, rejected: str | None, lease: TokenLease, fault: VendorFault) -> Token:
        """The vendor could not be asked. The refresh token is kept, and all workers wait together."""
        until = wait_until(
            self.services.clock(), lease.failures, self.services.random, fault.retry_at,
            first=timedelta(seconds=5), cap=timedelta(minutes=5),
        )
        if fault.kind is FaultKind.BUDGET:
            # Only this worker's lane has no calls left: another lane may renew the token at once.
            self._quota().give_back()
            lease.release()
            until = fault.retry_at or until
        else:
            lease.wait(until, lost=fault.kind is FaultKind.UNAVAILABLE)
        self._log().warning("token refresh failed, will be repeated", fault=fault.kind.value, until=instant_text(until))
        # The token call is not the request that waits for it: of that one nothing was sent, whatever became of ours.
        text = f"the token of {self._what} could not be renewed ({fault.message}); the request was not sent"
        return self._meanwhile(stored, rejected, replace(fault, message=text, executed=Executed.NO, retry_at=until))

    def _refused(self, stored: Stored, rejected: str | None, lease: TokenLease, fault: VendorFault) -> Token:
        """The vendor said no. Unless somebody has replaced the token meanwhile, this ends until a person acts."""
        newest = self._load()
        replaced = newest.version != stored.version and newest.reconnect is None
        if newest.token is not None and replaced and _valid(newest, self.services.clock()):
            lease.release()
            return self._meanwhile(newest, None if newest.token.access != rejected else rejected, fault)
        why = fault.message if not lease.lost else (
            f"{fault.message}; an earlier attempt ended without an answer, so its new refresh token is probably lost"
        )
        since = instant_text(self.services.clock())
        mark = Reconnect(why, since, self._credentials().version())
        marked = self._remember(self._secret().write(replace(stored, reconnect=mark)))
        lease.show(marked)
        lease.release(marked)
        self._tell(mark)
        raise self._refusal(mark)

    def _load(self) -> Stored:
        """The secret anew. New credentials count as a person's act: the refusal of the old ones is over."""
        stored = self._secret().read()
        if stored.reconnect is not None:
            if self._credentials().version() == stored.reconnect.credentials:
                self._tell(stored.reconnect)
            else:
                self._credentials().forget()
                stored = replace(stored, reconnect=None)
        return self._remember(stored)

    def _remembered(self) -> Stored | None:
        known: tuple[Stored, datetime] | None = self.services.memory.get(self._key)
        return known[0] if known is not None and self.services.clock() < known[1] else None

    def _remember(self, stored: Stored) -> Stored:
        keep = RECHECK if stored.reconnect is not None else REMEMBER
        self.services.memory[self._key] = (stored, self.services.clock() + keep)
        return stored

    def _refuse(self, stored: Stored) -> None:
        if stored.reconnect is not None:
            raise self._refusal(stored.reconnect)

    def _refusal(self, reconnect: Reconnect) -> VendorFault:
        return VendorFault(
            self.system,
            FaultKind.EXPIRED,
            f"{self._what} must be connected again since {reconnect.since}: {reconnect.why}. {self._command}; "
            "the request was not sent",
            Executed.NO,
            retry_at=self.services.clock() + ASK_AGAIN,
            alarm=True,
        )

    def _tell(self, reconnect: Reconnect) -> None:
        """Alerts once; the metric goes on as long as work meets the state, so that its alarm does not fall silent."""
        self._log().metric("TokenRefreshFailed", 1)
        alert_once(
            self.services,
            f"token/{self.connection}/{self.system}/{reconnect.since}",
            f"{self._what} must be connected again",
            f"The vendor refused to renew the access token of connection {self.connection}, system {self.system}, "
            f"at {reconnect.since}: {reconnect.why}.\nThe vendor is not asked again until a person acts; work that "
            f"waits continues by itself afterwards.\n\n{self._command}.",
        )

    def _meanwhile(self, stored: Stored, rejected: str | None, fault: VendorFault) -> Token:
        """The old token while it is valid and not rejected; otherwise the fault."""
        if rejected is None and stored.token is not None and _valid(stored, self.services.clock()):
            return stored.token
        raise fault

    def _soon(self, why: str) -> VendorFault:
        return VendorFault(
            self.system,
            FaultKind.BUDGET,
            f"no valid token for {self._what} at this moment: {why}; the request was not sent",
            Executed.NO,
            retry_at=self.services.clock() + timedelta(seconds=2 + 2 * self.services.random()),
        )

    def _due(self, stored: Stored) -> bool:
        if stored.token is None:
            return True
        return self.services.clock() >= (stored.refresh_at or stored.token.expires_at - self.early)

    def _secret(self) -> TokenStore:
        return TokenStore(self.services, self.connection, self.system)

    def _credentials(self) -> Credentials:
        return Credentials(self.services, self.connection, self.system)

    def _quota(self) -> TokenQuota:
        return TokenQuota(self.services, self.connection, self.system, self.daily_limit, self.alarm_at)

    def _lease(self) -> TokenLease:
        return TokenLease(self.services, self.connection, self.system)

    def _log(self) -> Log:
        return self.services.log.bind(connection=self.connection, system=self.system)

    @property
    def _key(self) -> tuple[str, ...]:
        return ("token", self.connection, self.system)

    @property
    def _what(self) -> str:
        return f"{self.connection}/{self.system}"

    @property
    def _command(self) -> str:
        return (
            f"Run `ml-connector connections authorize {self.connection} --system {self.system}`, or correct the "
            f"credentials with `ml-connector secrets set {self.connection}/{self.system}`"
        )


def _valid(stored: Stored, now: datetime) -> bool:
    return stored.token is not None and bool(stored.token.access) and now < stored.token.expires_at - LAST_SECONDS


def _patience(forced: int) -> timedelta:
    return timedelta(seconds=30) if forced < 1 else min(timedelta(hours=1), timedelta(minutes=2**min(forced, 10)))


def reconnect_needed(services: Services, connection: str, system: str) -> Reconnect | None:
    """For operators' views: why and since when a person has to connect this system again; None when all is well."""
    return TokenStore(services, connection, system).read().reconnect


def reconnect_shown(services: Services, connection: str, system: str) -> tuple[str, str] | None:
    """The same (since, why) for those who may not read tokens: from the copy in the state table.

    A copy counts only while the secret that it tells of is the newest.
    """
    copy = services.tables.get("state", f"reconnect/{connection}/{system}", "-")
    lease = services.tables.get("state", f"lease/token/{connection}/{system}", "-")
    if copy is None or lease is None or copy["version"] != lease.get("version"):
        return None
    return str(copy["since"]), str(copy["why"])
