"""The sample connection file, with addresses and start filled in."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from string import Template
from typing import Any

FILE = Path(__file__).with_name("connection.json")
NAME = "sample"


def sample_connection(acumatica_url: str, shipbob_url: str, start: datetime) -> dict[str, Any]:
    """The document as `connections apply` takes it. `start` is an aware instant: nothing older is moved."""
    text = FILE.read_text("utf-8")
    filled = Template(text).substitute(
        acumatica_url=acumatica_url, shipbob_url=shipbob_url, start=start.isoformat(timespec="seconds")
    )
    document: dict[str, Any] = json.loads(filled)
    return document
