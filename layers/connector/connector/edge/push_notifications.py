"""What names a push notification: a transaction and the query that reported it (Acumatica's form of a webhook)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connector.edge.sender import Delivery, Identity

_GUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", re.ASCII)


def push_notification(delivery: Delivery, document: Mapping[str, Any]) -> Identity:
    """`Id` is the ERP transaction; several queries report the same one, so only `(Id, Query)` names a notification.

    Without a GUID there is no id, and the edge goes by the bytes.
    """
    query, transaction = document.get("Query"), document.get("Id")
    name = query if isinstance(query, str) else ""
    if not isinstance(transaction, str) or not _GUID.fullmatch(transaction):
        return Identity("", name)
    return Identity(f"{transaction.lower()}#{name}", name)
