"""Standard Webhooks: HMAC-SHA256 over `id.timestamp.body` (used by ShipBob; standardwebhooks.com, symmetric part).

Secret: {"secrets": ["whsec_<base64 of the key>", ...]}. All entries of the current and the previous version are valid.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connector.edge.sender import Delivery, Documents, Identity, Ruling, Verdict, judge, usable

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"

PREFIX = "whsec_"
SHORTEST_KEY = 16  # bytes; the scheme asks for 24 to 64, a sender may be laxer

CLOCK_WINDOW = 300  # seconds to both sides, the tolerance of the scheme's own libraries
LONGEST_SIGNATURE = 4096  # characters; a rotation shows two entries of 47

# Printable ASCII without the full stop: with one inside, "a.1.{}" could be read as two different messages.
_ID = re.compile(r"[!-\-/-~]{1,200}", re.ASCII)
_TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
_TOPIC = re.compile(r"[A-Za-z0-9_.\-]{1,100}", re.ASCII)


def verify(delivery: Delivery, documents: Documents, now: datetime) -> Verdict:
    """Judges the signature over the raw bytes. The timestamp is that of the attempt: repetitions carry fresh ones."""
    headers = delivery.headers
    identifier, timestamp = headers.get(ID, ""), headers.get(TIMESTAMP, "")
    signatures = _signatures(headers.get(SIGNATURE, ""))
    if not _ID.fullmatch(identifier) or not _TIMESTAMP.fullmatch(timestamp) or not signatures:
        return Verdict(Ruling.INVALID, "a signature header is missing, doubled or malformed")
    if abs(now.timestamp() - int(timestamp)) > CLOCK_WINDOW:
        return Verdict(Ruling.INVALID, f"the timestamp is more than {CLOCK_WINDOW} s away from our clock")
    keys, complaint = usable(documents, "secrets", _key)
    signed = f"{identifier}.{timestamp}.".encode() + delivery.body
    matched = False
    for key in keys:
        digest = hmac.digest(key, signed, "sha256")
        for signature in signatures:
            matched |= hmac.compare_digest(signature, digest)
    return judge(matched, complaint)


def identify_by_header(topic_header: str, delivery: Delivery, document: Mapping[str, Any]) -> Identity:
    """Event id from `webhook-id` (signed); topic from a header that is not signed, so only its form is sure."""
    topic = delivery.headers.get(topic_header, "")
    return Identity(delivery.headers[ID], topic if _TOPIC.fullmatch(topic) else "")


def _signatures(header: str) -> list[bytes]:
    """The 32 bytes of every `v1` entry. Padding may be missing; other labels and unreadable entries are ignored."""
    if len(header) > LONGEST_SIGNATURE:
        return []
    found = []
    for entry in header.split():
        label, _, text = entry.partition(",")
        if label != "v1":
            continue
        try:
            signature = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
        except ValueError:  # one unreadable entry must not spoil its neighbours
            continue
        if len(signature) == hashlib.sha256().digest_size:
            found.append(signature)
    return found


def _key(entry: str, document: Mapping[str, Any]) -> bytes:
    text = entry.removeprefix(PREFIX)
    if text == entry:
        raise ValueError(f"an entry of 'secrets' does not begin with {PREFIX}")
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        raise ValueError(f"an entry of 'secrets' is not base64 after {PREFIX}") from None
    if len(key) < SHORTEST_KEY:
        raise ValueError(f"an entry of 'secrets' holds a key of less than {SHORTEST_KEY} bytes")
    return key
