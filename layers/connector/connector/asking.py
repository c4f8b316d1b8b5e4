"""Asking what became of a write that its source has overtaken: as it was sent, and without sending it (again)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from connector.effect import Draft, Effect
from connector.faults import Executed, FaultKind, VendorFault
from connector.intent import Intent, Stage
from connector.outcome import Outcome
from connector.pair import Work
from connector.transport import Reply

NOT_THERE = (Stage.PLANNED, Stage.REFUSED)
"""Stages of a write that the vendor surely does not hold."""


def ask_as_sent(work: Work[Any], effect: Effect, sent: Intent) -> Intent | Outcome:
    """The intent once it is known what became of it, else the ending with which the asking goes on."""
    ended = work.once(replace(effect, make=_never), sent.key, Draft(sent.draft, sent.identity))
    intent = work.ledger.lookup(effect.name, sent.key)
    return intent if intent is not None and intent.stage in (Stage.DONE, *NOT_THERE) else ended


def _never(key: str, draft: Draft) -> Reply:
    """Stands in for sending. The Ledger comes here when the vendor surely does not hold the key."""
    raise VendorFault("the vendor", FaultKind.CONFLICT, f"{key} is not there and is not sent as it was", Executed.NO)
