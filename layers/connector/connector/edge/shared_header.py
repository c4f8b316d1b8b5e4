"""A secret that the sender repeats in one header. Proves the sender, not the content, and does not age.

Acumatica push notifications can do no better (a static header, named by the customer); UPS Track Alert v1 uses the
header `credential`. Secret: {"header_name": "X-MLC-Token", "secrets": ["<32 random bytes as hex>", ...]}.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from connector.edge.sender import Delivery, Documents, Verdict, judge, usable

SHORTEST_SECRET = 16  # characters

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~\-]{1,100}", re.ASCII)
_SECRET = re.compile(r"[!-~]([ -~]*[!-~])?", re.ASCII)


def shared_header(
    header_name: str | None = None, shortest: int = SHORTEST_SECRET
) -> Callable[[Delivery, Documents, datetime], Verdict]:
    """The verifier. `header_name` where the sender fixes it; otherwise the secret names it."""

    def read(entry: str, document: Mapping[str, Any]) -> tuple[str, bytes]:
        name = header_name or document.get("header_name")
        if not isinstance(name, str) or not _HEADER_NAME.fullmatch(name):
            raise ValueError("the secret has no valid 'header_name'")
        # A blank at an end would be cut off by HTTP on the way, and the comparison could never succeed.
        if len(entry) < shortest or not _SECRET.fullmatch(entry):
            raise ValueError(f"an entry of 'secrets' is not {shortest} or more printable characters, no outer blanks")
        return name.lower(), entry.encode()

    def verify(delivery: Delivery, documents: Documents, now: datetime) -> Verdict:
        accepted, complaint = usable(documents, "secrets", read)
        matched = False
        for name, secret in accepted:
            shown = delivery.headers.get(name, "").strip(" \t").encode("utf-8", "surrogatepass")
            matched |= hmac.compare_digest(shown, secret)
        return judge(matched, complaint)

    return verify
