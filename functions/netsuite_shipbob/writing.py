"""Writes to NetSuite: each carries an external id of ours, by which NetSuite can be asked whether it happened.

External ids are one name space for all transactions together, whatever their type and letter case.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from connector.effect import Draft, Effect, Found, Reference, Repeat
from connector.intent import Intent, Stage
from connector.ledger import Written
from connector.pair import Work
from connector.transport import Reply
from netsuite_shipbob.clients import Accounts
from vendors.netsuite.client import NetSuite, checked_external_id, new_id
from vendors.netsuite.shapes import Known

SETTLE = timedelta(seconds=60)
"""SuiteQL shows what is committed; a write that timed out may still be running in scripts of the account."""

UNCLEAR = (Stage.SENT, Stage.UNKNOWN, Stage.PENDING)
"""Stages of a write that NetSuite may hold."""


def made_effect(
    netsuite: NetSuite,
    name: str,
    kind: str,
    make: Callable[[str, Draft], Reply],
    differences: Callable[[Found, Draft], Sequence[str]] = lambda found, draft: (),
    look: Callable[[Known], dict[str, Any]] = lambda known: {},
) -> Effect:
    """Makes a transaction of the type `kind` (a code of SuiteQL) under the key as external id.

    `look` reads more of one that is there already, for `differences`.
    """

    def find(key: str) -> Found | None:
        known = netsuite.known([key]).get(key.upper())
        if known is None:
            return None
        return Found({"id": known.transaction_id}, {"type": known.type, **(look(known) if known.type == kind else {})})

    def differ(found: Found, draft: Draft) -> Sequence[str]:
        if found.body.get("type") != kind:
            return [f"it is a {found.body.get('type')}, not a {kind}: another application uses our external ids"]
        return differences(found, draft)

    def read(reply: Reply) -> Reference:
        return {"id": new_id(reply)}

    def checked(key: str, draft: Draft) -> Reply:
        checked_external_id(key)
        return make(key, draft)

    return Effect(name, "NetSuite", Repeat.FINDABLE, SETTLE, find, checked, read, differ)


def transform_effect(netsuite: NetSuite, name: str, source: str, source_id: str, target: str, kind: str) -> Effect:
    """Makes a transaction out of another one. The draft's body holds what differs from the proposal."""

    def make(key: str, draft: Draft) -> Reply:
        return netsuite.transform(source, source_id, target, {"externalId": key, **draft.body})

    return made_effect(netsuite, name, kind, make)


def create_effect(netsuite: NetSuite, name: str, record: str, kind: str) -> Effect:
    """Makes a transaction that stands for itself."""

    def make(key: str, draft: Draft) -> Reply:
        return netsuite.create(record, {"externalId": key, **draft.body})

    return made_effect(netsuite, name, kind, make)


def change_effect(netsuite: NetSuite, name: str, record: str, identifier: str, replace: str = "") -> Effect:
    """Sets fields (and one whole sublist) of a record. The same again changes nothing."""
    return Effect(
        name,
        "NetSuite",
        Repeat.UPSERT,
        timedelta(0),
        lambda key: None,
        lambda key, draft: netsuite.update(record, identifier, draft.body, replace=replace),
        lambda reply: {"changed": True},
    )


@dataclass(frozen=True)
class Ended:
    """How a write ended, and the draft that it was made with."""

    written: Written
    draft: Draft


def once_as_begun(work: Work[Accounts], effect: Effect, key: str, draft: Draft) -> Ended:
    """Makes a write once; one that NetSuite may hold already is settled with the draft that it was sent with.

    What it is about may have grown since (more units stowed, another tracking number): first it must be clear what
    NetSuite holds, then the rest is written.
    """
    begun = begun_draft(work, effect.name, key)
    used = begun if begun is not None else draft
    return Ended(work.once(effect, key, used), used)


def begun_draft(work: Work[Accounts], effect: str, key: str) -> Draft | None:
    """The draft of a write that NetSuite holds or may hold; None where it surely does not."""
    intent: Intent | None = work.ledger.lookup(effect, key)
    if intent is None or intent.stage not in (*UNCLEAR, Stage.DONE):
        return None
    return Draft(intent.draft, intent.identity)


def is_unclear(work: Work[Accounts], effect: str, key: str) -> bool:
    """Whether a write was sent and nobody has heard how it ended."""
    intent: Intent | None = work.ledger.lookup(effect, key)
    return intent is not None and intent.stage in UNCLEAR


def ref(identifier: str) -> dict[str, str]:
    """A reference to a record by internal id."""
    return {"id": identifier}
