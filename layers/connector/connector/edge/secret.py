"""Reading a webhook secret."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from connector.edge.sender import Documents
from connector.ports import Secret


def documents_of(secret: Secret | None) -> Documents:
    """The JSON objects of the current and the previous version; empty when there is no secret.

    A version that is no JSON object becomes an empty one, and the scheme complains about what it lacks.
    """
    if secret is None:
        return ()
    versions = [secret.current] if secret.previous is None else [secret.current, secret.previous]
    return tuple(_document(text) for text in versions)


def _document(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
