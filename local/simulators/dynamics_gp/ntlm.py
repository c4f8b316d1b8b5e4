"""Windows authentication as the legacy endpoint asks for it: NTLM, three legs on one connection, accounts that lock.

The cryptography is pyspnego's own server. What is ours: the HTTP legs, the count of refused third legs for each
account, and the state of one connection.
"""

from __future__ import annotations

import base64
import binascii
import os
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import spnego
from spnego._ntlm_raw.messages import Authenticate, AvId, NTClientChallengeV2
from spnego.channel_bindings import GssChannelBindings
from spnego.exceptions import SpnegoError

from local.simulators.base import Reply, Request
from local.simulators.dynamics_gp.problems import unauthorized

_ENVIRONMENT = threading.Lock()  # pyspnego's server reads its accounts from a file that an environment variable names
NEVER, WHEN_SUPPORTED, ALWAYS = "never", "when_supported", "always"


@dataclass
class Directory:
    """The domain: accounts `DOMAIN\\user` or `user@domain` with passwords, and who is locked out.

    `legs` counts challenges, accepted and refused third legs: what tests on repeated sign-ins look at.
    """

    accounts: Mapping[str, str]
    lock_after: int = 5
    challenge_every_request: bool = False
    extended_protection: str = NEVER
    refused: dict[str, int] = field(default_factory=dict)
    locked: set[str] = field(default_factory=set)
    legs: dict[str, int] = field(default_factory=lambda: {"challenges": 0, "accepted": 0, "refused": 0})
    lock: threading.RLock = field(default_factory=threading.RLock)

    def unlock(self, account: str) -> None:
        """A domain administrator unlocks an account."""
        with self.lock:
            self.locked.discard(account.lower())
            self.refused.pop(account.lower(), None)

    def user_file(self) -> str:
        """The accounts as pyspnego reads them: `DOMAIN:user:password`, or `:user@domain:password`."""
        rows = []
        for account, password in self.accounts.items():
            domain, _, user = account.rpartition("\\")
            rows.append(f"{domain}:{user}:{password}\n")
        return "".join(rows)

    def count(self, leg: str) -> None:
        """One more leg of its kind."""
        with self.lock:
            self.legs[leg] += 1

    def failed(self, account: str) -> None:
        """A refused third leg: the account locks when there were too many."""
        with self.lock:
            self.legs["refused"] += 1
            self.refused[account] = self.refused.get(account, 0) + 1
            if self.refused[account] >= self.lock_after:
                self.locked.add(account)


@contextmanager
def _accounts_for_pyspnego(directory: Directory) -> Iterator[None]:
    """The directory's accounts where pyspnego's server looks for them."""
    with _ENVIRONMENT, tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "accounts")
        path.write_text(directory.user_file(), encoding="utf-8")
        before = os.environ.get("NTLM_USER_FILE")
        os.environ["NTLM_USER_FILE"] = str(path)
        try:
            yield
        finally:
            if before is None:
                del os.environ["NTLM_USER_FILE"]
            else:
                os.environ["NTLM_USER_FILE"] = before


class NtlmGuard:
    """The state of one TCP connection. `judge` answers what HTTP refuses, or None when the request may pass."""

    def __init__(self, directory: Directory, certificate_digest: bytes) -> None:
        self._directory = directory
        self._digest = certificate_digest
        self._context: spnego.ContextProxy | None = None
        self._signed_in = False

    def judge(self, request: Request) -> Reply | None:
        """None once the connection is signed in, else the 401 of the leg."""
        given = request.header("Authorization")
        if given is None:
            if self._signed_in and not self._directory.challenge_every_request:
                return None
            self._signed_in = False
            return self._challenge()
        scheme, _, text = given.partition(" ")
        try:
            token = base64.b64decode(text, validate=True)
        except binascii.Error:
            return self._challenge()
        if scheme.upper() != "NTLM" or token[:8] != b"NTLMSSP\x00":
            return self._challenge()
        if token[8:12] == b"\x01\x00\x00\x00":
            return self._second_leg(token)
        return self._third_leg(token)

    def _challenge(self) -> Reply:
        self._directory.count("challenges")
        return unauthorized()

    def _second_leg(self, token: bytes) -> Reply:
        self._signed_in = False
        with _accounts_for_pyspnego(self._directory):
            self._context = spnego.server(protocol="ntlm")
            answer = self._context.step(token) or b""
        refusal = unauthorized()
        headers = {**refusal.headers, "WWW-Authenticate": f"NTLM {base64.b64encode(answer).decode()}"}
        return Reply(refusal.status, headers, refusal.body)

    def _third_leg(self, token: bytes) -> Reply | None:
        if self._context is None:  # the second leg was on another connection
            return self._challenge()
        message = Authenticate.unpack(token)
        user = message.user_name or ""
        account = (f"{message.domain_name}\\{user}" if message.domain_name else user).lower()
        context, self._context = self._context, None
        if account in self._directory.locked or not self._accepts(context, token, message):
            self._directory.failed(account)
            return unauthorized()
        with self._directory.lock:
            self._directory.refused.pop(account, None)
        self._directory.count("accepted")
        self._signed_in = True
        return None

    def _accepts(self, context: spnego.ContextProxy, token: bytes, message: Authenticate) -> bool:
        with _accounts_for_pyspnego(self._directory):
            try:
                context.step(token, channel_bindings=self._bindings(message))
            except SpnegoError:
                return False
        return bool(context.complete)

    def _bindings(self, message: Authenticate) -> GssChannelBindings | None:
        """What the client must have bound to, under the host's extended protection policy."""
        policy = self._directory.extended_protection
        if policy == NEVER or (policy == WHEN_SUPPORTED and not _binds(message)):
            return None
        return GssChannelBindings(application_data=b"tls-server-end-point:" + self._digest)


def _binds(message: Authenticate) -> bool:
    """Whether the client sent a channel binding."""
    response = message.nt_challenge_response or b""
    if len(response) <= 24:
        return False
    return AvId.channel_bindings in NTClientChallengeV2.unpack(response[16:]).av_pairs
