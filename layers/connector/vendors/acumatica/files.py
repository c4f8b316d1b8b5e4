"""Attaching files (guide: "Attach a File to a Record")."""

from __future__ import annotations

from datetime import timedelta

from connector.effect import Effect, Repeat
from vendors.acumatica.client import Acumatica

FILE = "acumatica.label_file"


def file_effect(acumatica: Acumatica, link: str, name: str, content: bytes, comment: str) -> Effect:
    """Attaches a file. The same name overwrites, so a repetition is harmless."""
    return Effect(
        FILE,
        "Acumatica",
        Repeat.UPSERT,
        timedelta(0),
        lambda key: None,
        lambda key, draft: acumatica.attach(link, name, content, comment),
        lambda reply: {"file": name},
    )
