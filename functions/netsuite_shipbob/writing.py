"""Writes to NetSuite: each carries an external id of ours, by which NetSuite can be asked whether it happened.

External ids are one name space for all transactions together, whatever their type and letter case.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from connector.absence import ONCE_MORE, ask_again_at
from connector.effect import Draft, Effect, Found, Reference, Repeat
from connector.intent import Intent, Stage
from connector.ledger import Written
from connector.outcome import Done, Held, Later, Refused
from connector.pair import Work
from connector.ports import Item
from connector.transport import Reply
from netsuite_shipbob.clients import Accounts
from vendors.netsuite.calls import checked_external_id, new_id
from vendors.netsuite.client import NetSuite
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


@dataclass(frozen=True)
class Target:
    """What a transform makes: REST's name of the record and SuiteQL's code of the type."""

    record: str
    kind: str


def transform_once(
    work: Work[Accounts], name: str, source: tuple[str, str], target: Target, key: str, draft: Draft
) -> Written:
    """Makes a transaction out of another one, once. The draft's body holds what differs from the proposal.

    Whether a transform keeps the external id is not documented for every target. The first one of an account is looked
    at. Where it does not, the id is set afterwards, and a lost answer is settled by the memo, which ends with the id.
    What is found by neither goes to a person where the account is known to drop the id, or holds a record without one.
    """
    netsuite, services, connection = work.clients.netsuite, work.services, work.connection.name
    item = services.tables.get("state", f"externalid/{connection}", target.record)
    kept = None if item is None else bool(item["kept"])

    def make(used: str, wanted: Draft) -> Reply:
        body = {"externalId": used, **wanted.body, "memo": _memo(wanted, used)}
        return netsuite.records.transform(*source, target.record, body)

    effect = made_effect(netsuite, name, target.kind, make)
    if kept is not True and is_unclear(work, name, key):
        effect = _found_by_memo(netsuite, effect, source[1], target, known_to_drop=kept is False)
    ended = work.once(effect, key, draft)
    if isinstance(ended, Done) and kept is not True:
        return _with_external_id(work, name, target, key, ended, lost=kept is False)
    return ended


def _memo(draft: Draft, key: str) -> str:
    return f"{draft.body.get('memo', '')} ({key})".strip()


def _found_by_memo(netsuite: NetSuite, effect: Effect, source: str, target: Target, *, known_to_drop: bool) -> Effect:
    """A write that may have happened in an account that may drop external ids: looked for by its memo too.

    Where that finds nothing, and a record without external id was made from the same order, that one may be ours.
    """
    made = netsuite.children(source, target.kind)

    def find(key: str) -> Found | None:
        found = effect.find(key)
        if found is not None:
            return found
        ours = [each for each in made if not each.external_id and each.memo.endswith(f"({key})")]
        return Found({"id": ours[0].transaction_id}, {"type": target.kind}) if ours else None

    unsure = known_to_drop or any(not each.external_id for each in made)
    return replace(effect, find=find, repeat=Repeat.BLIND if unsure else effect.repeat)


def _with_external_id(
    work: Work[Accounts], name: str, target: Target, key: str, made: Done, *, lost: bool
) -> Written:
    """Looks whether the record has our external id; sets it where it has none, and looks again.

    `lost`: transforms here drop it. A record that never gets it goes to a person: neither the reconciliation nor a
    replay would know that it is ours.
    """
    identifier, effect = str(made.reference["id"]), f"{name}_id"
    known = work.ledger.lookup(effect, identifier)
    was_set = known is not None and known.stage is Stage.DONE
    shown = _shown_id(work, target, identifier)
    if shown is None:
        again = ask_again_at(work, f"{target.record} {identifier} does not show")
        if again is not None:
            return Later(again, f"{target.record} {identifier} does not show yet; {ONCE_MORE}")
        return _nameless(target, identifier, key, "does not show the record (deleted, or the role may not read it)")
    item: Item = {"pk": f"externalid/{work.connection.name}", "sk": target.record, "kept": shown == key.upper()}
    if item["kept"]:
        if not lost and not was_set:
            work.services.tables.put("state", item)
        return made
    if not was_set:
        # Before the id is set: afterwards nothing at NetSuite tells that the transform had dropped it.
        work.services.tables.put("state", item)
        setting = change_effect(work.clients.netsuite, effect, target.record, identifier)
        ended = work.once(setting, identifier, Draft({"externalId": key}))
        if isinstance(ended, Held | Refused):
            return _nameless(target, identifier, key, f"refused it ({ended.why})")
        if not isinstance(ended, Done):
            return ended
        shown = _shown_id(work, target, identifier)
    if shown != key.upper():
        return _nameless(target, identifier, key, "drops it again when it is set (a script, a workflow, or the role)")
    work.note(f"NetSuite's transform to {target.record} does not keep external ids; it was set afterwards")
    return made


def _shown_id(work: Work[Accounts], target: Target, identifier: str) -> str | None:
    """The external id of a record in capital letters, empty where it has none; None where the record does not show."""
    found = work.clients.netsuite.records.get(target.record, identifier, expand=False)
    return None if found is None else str(found.get("externalId") or "").upper()


def _nameless(target: Target, identifier: str, key: str, why: str) -> Held:
    return Held(
        f"NetSuite holds {target.record} {identifier}, which is not written again, but not under its external id "
        f"{key}: the account {why}. Enter it there by hand (field External ID) and replay, and let the account keep it "
        "for the next ones; or close this record, and the reconciliation will not count that one."
    )


def create_effect(netsuite: NetSuite, name: str, record: str, kind: str) -> Effect:
    """Makes a transaction that stands for itself."""

    def make(key: str, draft: Draft) -> Reply:
        return netsuite.records.create(record, {"externalId": key, **draft.body})

    return made_effect(netsuite, name, kind, make)


def change_effect(netsuite: NetSuite, name: str, record: str, identifier: str, replace: str = "") -> Effect:
    """Sets fields (and one whole sublist) of a record. The same again changes nothing."""
    return Effect(
        name,
        "NetSuite",
        Repeat.UPSERT,
        timedelta(0),
        lambda key: None,
        lambda key, draft: netsuite.records.update(record, identifier, draft.body, replace=replace),
        lambda reply: {"changed": True},
    )


def lost_to_people(work: Work[Accounts], keys: Sequence[str]) -> Held | None:
    """On a replay: whether NetSuite still holds what was written. What a person deleted is not written again."""
    if work.record.cause != "replay" or not keys:
        return None
    known = work.clients.netsuite.known(keys)
    missing = [key for key in keys if key.upper() not in known]
    if not missing:
        return None
    return Held(
        f"NetSuite no longer shows what was written under the external id {', '.join(missing)}: it was deleted, or "
        "lost that id. It is not written again by itself. Enter it by hand with that external id (or set the id where "
        "it is there) and replay; or close this record."
    )


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


def is_begun(work: Work[Accounts], effect: str, key: str) -> bool:
    """Whether a write was planned or sent and has no ending yet."""
    intent: Intent | None = work.ledger.lookup(effect, key)
    return intent is not None and intent.stage not in (Stage.DONE, Stage.REFUSED)


def ref(identifier: str) -> dict[str, str]:
    """A reference to a record by internal id."""
    return {"id": identifier}
