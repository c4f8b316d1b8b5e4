"""Who may call, and how often: Basic on V1, an API-Key on V2, a fixed window of a minute for each."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from datetime import datetime

from local.simulators.base import Reply, Request
from local.simulators.shipstation.problems import Rejection, throttled, unauthorized, v2, v2_refusal
from local.simulators.shipstation.world import Switches

WINDOW = 60


@dataclass
class Gate:
    """One account: the key pair of V1 (there is only one), the key of V2, and the calls of the present minute."""

    key: str
    secret: str
    v2_key: str
    switches: Switches
    _minute: dict[str, int] = field(default_factory=dict)
    _calls: dict[str, int] = field(default_factory=dict)

    def enter_v1(self, request: Request, now: datetime) -> None:
        """401 without the right key and secret; 429 beyond the window, which counts every app of the merchant."""
        if _basic(request) != (self.key, self.secret):
            raise Rejection(unauthorized())
        if not self._spend("v1", now, self.switches.calls_per_minute):
            raise Rejection(throttled())

    def enter_v2(self, request: Request, now: datetime) -> None:
        """401 without the key, 401 with a plan that has no V2, 429 with Retry-After beyond the window."""
        if request.header("API-Key") != self.v2_key:
            raise v2_refusal(401, "unauthorized", "The API key is invalid.", "security")
        if not self.switches.v2_available:
            raise v2_refusal(401, "invalid_billing_plan", "Your plan does not include API access.", "account_status")
        if not self._spend("v2", now, self.switches.v2_calls_per_minute):
            raise Rejection(self.v2_throttled(now))

    def v2_throttled(self, now: datetime) -> Reply:
        """The 429 of V2."""
        wait = {"Retry-After": str(_reset(now))}
        return v2(429, "rate_limit_exceeded", "You have exceeded the rate limit.", "system", wait)

    def _spend(self, api: str, now: datetime, limit: int) -> bool:
        minute = int(now.timestamp()) // WINDOW
        if self._minute.get(api) != minute:
            self._minute[api], self._calls[api] = minute, 0
        if self._calls[api] >= limit:
            return False
        self._calls[api] += 1
        return True

    def used_by_others(self, calls: int, now: datetime) -> None:
        """Another app of the merchant spends calls of V1."""
        for _ in range(calls):
            self._spend("v1", now, self.switches.calls_per_minute)

    def headers(self, now: datetime, *, exhausted: bool = False) -> dict[str, str]:
        """The three headers that stand on every answer of V1; the reset is in seconds."""
        used = self._calls.get("v1", 0) if self._minute.get("v1") == int(now.timestamp()) // WINDOW else 0
        left = 0 if exhausted else max(0, self.switches.calls_per_minute - used)
        return {
            "X-Rate-Limit-Limit": str(self.switches.calls_per_minute),
            "X-Rate-Limit-Remaining": str(left),
            "X-Rate-Limit-Reset": str(_reset(now)),
        }


def _reset(now: datetime) -> int:
    return WINDOW - int(now.timestamp()) % WINDOW


def _basic(request: Request) -> tuple[str, str] | None:
    scheme, _, encoded = (request.header("Authorization") or "").partition(" ")
    if scheme != "Basic":
        return None
    try:
        key, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return None
    return key, secret
