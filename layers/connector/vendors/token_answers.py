"""Reading the answer of a sign-in with client credentials (RFC 6749, section 5.1). Error texts never repeat a value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

DEFAULT_LIFETIME = timedelta(hours=1)
"""Where the answer states none that can be read."""


def access_token(answer: Mapping[str, Any]) -> str:
    """The access token. Raises ValueError where there is none that fits into a header."""
    access = answer.get("access_token")
    if not isinstance(access, str) or not re.fullmatch(r"[\x21-\x7e]+", access):
        raise ValueError("no access_token that fits into a header")
    return access


def lifetime(answer: Mapping[str, Any]) -> timedelta:
    """How long the token lives, from `expires_in`: seconds, seen as a number and as text ("3599")."""
    value = answer.get("expires_in")
    if isinstance(value, str) and re.fullmatch(r"\s*\d{1,8}\s*", value, re.ASCII):
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**8:
        return timedelta(seconds=value)
    return DEFAULT_LIFETIME
