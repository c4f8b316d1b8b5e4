"""An unguessable token as the last part of the URL, for senders that sign nothing (ShipStation V1).

Secret: {"tokens": ["<at least 128 random bits, URL-safe>", ...]}; other schemes' lists may stand in the same secret.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connector.edge.sender import Delivery, Documents, Ruling, Verdict, judge, usable

_TOKEN = re.compile(r"[A-Za-z0-9_\-]{22,128}", re.ASCII)  # 22 characters of base64 hold 128 bits


def verify(delivery: Delivery, documents: Documents, now: datetime) -> Verdict:
    """Judges the URL's token."""
    if not _TOKEN.fullmatch(delivery.token):
        return Verdict(Ruling.INVALID, "the URL carries no token")
    tokens, complaint = usable(documents, "tokens", _read)
    matched = False
    for token in tokens:
        matched |= hmac.compare_digest(delivery.token.encode(), token)
    return judge(matched, complaint)


def _read(entry: str, document: Mapping[str, Any]) -> bytes:
    if not _TOKEN.fullmatch(entry):
        raise ValueError("an entry of 'tokens' is not 22 to 128 URL-safe characters")
    return entry.encode()
