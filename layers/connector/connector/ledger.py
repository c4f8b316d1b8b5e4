"""The Ledger: exactly-once effects over at-least-once delivery.

    (none) -> PLANNED -> SENT -> DONE             PLANNED is written before anything else, SENT before the bytes leave
                 ^         |---> PENDING -> DONE   the vendor took it and works on it
                 |         |---> REFUSED           a clear no
                 |         '---> UNKNOWN -> DONE   time-out, reset, 5xx, unreadable answer, crash: the vendor is asked
                 '------------------'              absent, twice, after the settle delay: surely not written

A write whose fate is unknown is never sent again before the vendor was asked (only an UPSERT may simply be repeated).
Where asking cannot settle it (BLIND), a person decides. The raw answer is stored before it is parsed.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from connector.backoff import queue_spread, wait_until
from connector.effect import Draft, Effect, Found, Pending, Reference, Repeat
from connector.faults import ConfigurationFault, Executed, FaultKind, VendorFault
from connector.instants import instant_text, parse_instant
from connector.intent import Intent, Stage, fingerprint, intent_from_item, intent_item, intent_key
from connector.outcome import Done, Held, Later, Refused, Unknown
from connector.planned import deviation
from connector.ports import Absent, Equals, Put
from connector.record import Record, to_json
from connector.records import RecordStore
from connector.services import Services
from connector.transport import Reply

LEASE = timedelta(minutes=3)
"""Longer than an invocation may run where nobody says how long; a crash is noticed when the lease has passed."""

PENDING_CAP = timedelta(minutes=15)
"""A long operation that still runs after this is asked by its result instead."""

INLINE_ANSWER = 60_000
"""Bytes of a raw answer kept in the intent itself; larger ones go to the bucket."""

LONGEST_DRAFT = 250_000
"""Bytes of a draft that fit into its intent, together with the answer (DynamoDB takes 400 KB)."""

IMMEDIATE_CHECKS = 2

Written = Done | Later | Held | Refused | Unknown
"""How a write through the Ledger can end."""

UNREADABLE = (ValueError, KeyError, TypeError, LookupError, ArithmeticError, AttributeError)
"""What reading an answer of an unexpected shape raises."""

_RETRY = frozenset(
    {FaultKind.NOT_SENT, FaultKind.BUDGET, FaultKind.THROTTLED, FaultKind.UNAVAILABLE, FaultKind.EXPIRED}
)


class Stolen(Exception):
    """The intent changed under our hands: our lease ran out and another worker took over. The message comes again."""


def _too_long(effect: Effect, key: str, draft: Draft) -> Held | None:
    size = len(to_json([draft.body, draft.identity]).encode())
    if size <= LONGEST_DRAFT:
        return None
    return Held(f"{effect.name} {key} has {size} bytes, more than {LONGEST_DRAFT}: split it at the source")


@dataclass
class Ledger:
    """Guards the writes of one record during one piece of work. `record` is kept at its newest version."""

    services: Services
    store: RecordStore
    record: Record
    replaying: bool = False  # a person asked for it: refused drafts are tried again
    lease: timedelta = LEASE  # must outlive the process: what is still leased may still be written
    settle_scale: float = 1.0  # the demo shortens settle delays; 1.0 elsewhere
    holder: str = field(default_factory=lambda: secrets.token_hex(8))

    def lookup(self, effect: str, key: str) -> Intent | None:
        """What is noted of a write, or None."""
        item = self.services.tables.get("records", self.record.id, intent_key(effect, key))
        return intent_from_item(item) if item is not None else None

    def once(self, effect: Effect, key: str, draft: Draft, *, absent_at: datetime | None = None) -> Written:
        """Makes the write exactly once, whatever happened before.

        `absent_at`: when the vendor was last asked for this key in a batch and did not hold it. It stands in for the
        duplicate check of a first send if it is younger than the effect's settle delay or five minutes.
        """
        too_long = _too_long(effect, key, draft)
        if too_long is not None:
            return too_long
        intent = self.lookup(effect.name, key)
        now = self.services.clock()
        other = self._unlike_plan(effect, key, draft, intent)
        if other is not None:
            return other
        if intent is None:
            planned = self._plan(effect, key, draft)
            if planned is None:
                return Later(now + timedelta(seconds=5), "another worker has just begun the same write")
            return self._send(effect, planned, draft, self._fresh(effect, absent_at))
        print_now = fingerprint(draft)
        if intent.stage is Stage.DONE:
            return Done(intent.reference) if intent.fingerprint == print_now else self._changed(intent)
        if intent.lease_until > instant_text(now) and intent.holder != self.holder:
            return Later(parse_instant(intent.lease_until), "another worker is busy with the same write")
        if intent.stage is Stage.REFUSED and intent.fingerprint == print_now and not self.replaying:
            return Refused(intent.why)
        checked = intent.stage is Stage.PLANNED and not intent.sent_at and self._fresh(effect, absent_at)
        ended = self._resume(effect, self._take(intent), draft, checked)
        return self._for_this(effect, key, print_now, ended) if isinstance(ended, Done) else ended

    def plan(self, effect: Effect, key: str, draft: Draft) -> Intent | Written:
        """Only plans the write: a collector sends it together with others. Nobody holds it meanwhile.

        A write that has left already, or was refused as it is, ends as `once` ends it.
        """
        too_long = _too_long(effect, key, draft)
        if too_long is not None:
            return too_long
        intent = self.lookup(effect.name, key)
        other = self._unlike_plan(effect, key, draft, intent)
        if other is not None:
            return other
        if intent is None:
            planned = self._plan(effect, key, draft)
            if planned is None:
                return Later(self.services.clock() + timedelta(seconds=5), "another worker has just planned it")
            return self._save(planned, replace(planned, lease_until=""))
        busy = intent.lease_until > instant_text(self.services.clock()) and intent.holder != self.holder
        again = self.replaying or intent.fingerprint != fingerprint(draft)
        if busy or not (intent.stage is Stage.PLANNED or (intent.stage is Stage.REFUSED and again)):
            return self.once(effect, key, draft)
        planned = replace(self._redraft(intent, draft), stage=Stage.PLANNED, holder=self.holder, lease_until="")
        return self._save(intent, planned)

    def _unlike_plan(self, effect: Effect, key: str, draft: Draft, intent: Intent | None) -> Held | None:
        """Keeps the promise of a plan that a person carries out: what is not written yet is written as planned."""
        other = deviation(self.record, effect.name, key, draft)
        if not other or (intent is not None and intent.stage not in (Stage.PLANNED, Stage.REFUSED)):
            return None
        return Held(f"{other}. Nothing was written. Plan again, or replay it to write it as it is now.")

    def _for_this(self, effect: Effect, key: str, print_now: str, done: Done) -> Done | Held:
        """What an earlier attempt has written counts for its own draft only: the source may have changed since."""
        intent = self.lookup(effect.name, key)
        return done if intent is None or intent.fingerprint == print_now else self._changed(intent)

    def _resume(self, effect: Effect, intent: Intent, draft: Draft, checked: bool) -> Written:
        if intent.stage is Stage.PENDING:
            return self._check(effect, intent, draft)
        if intent.stage in (Stage.SENT, Stage.UNKNOWN):
            kept = self.answer_of(intent)
            if kept is not None:
                return self._reread(effect, intent, draft, kept)
            if effect.repeat is Repeat.UPSERT:
                return self._send(effect, self._redraft(intent, draft), draft, checked=True)
            return self._ask(effect, intent, draft)
        return self._send(effect, self._redraft(intent, draft), draft, checked)

    # ---- planning and leases -------------------------------------------------------------------------------

    def _plan(self, effect: Effect, key: str, draft: Draft) -> Intent | None:
        now = self.services.clock()
        intent = Intent(
            self.record.id,
            effect.name,
            key,
            Stage.PLANNED,
            fingerprint(draft),
            dict(draft.body),
            dict(draft.identity),
            version=1,
            holder=self.holder,
            lease_until=instant_text(now + self.lease),
            planned_at=instant_text(now),
        )
        return intent if self.services.tables.put("records", intent_item(intent), Absent()) else None

    def _redraft(self, intent: Intent, draft: Draft) -> Intent:
        changed = replace(intent, fingerprint=fingerprint(draft), draft=dict(draft.body), identity=dict(draft.identity))
        return replace(changed, why="", absences=0)

    def _take(self, intent: Intent) -> Intent:
        until = instant_text(self.services.clock() + self.lease)
        return self._save(intent, replace(intent, holder=self.holder, lease_until=until))

    def _next(self, before: Intent, after: Intent) -> Intent:
        return replace(after, version=before.version + 1)

    def _save(self, before: Intent, after: Intent) -> Intent:
        saved = self._next(before, after)
        if not self.services.tables.put("records", intent_item(saved), Equals({"version": before.version})):
            raise Stolen(f"intent {before.effect} {before.key} of {before.record} was changed by another worker")
        return saved

    def _fresh(self, effect: Effect, absent_at: datetime | None) -> bool:
        if absent_at is None:
            return False
        return self.services.clock() - absent_at <= max(self._settle(effect), timedelta(minutes=5))

    def _settle(self, effect: Effect) -> timedelta:
        return effect.settle * self.settle_scale

    # ---- sending -------------------------------------------------------------------------------------------

    def _send(self, effect: Effect, intent: Intent, draft: Draft, checked: bool) -> Written:
        if not checked and effect.repeat is not Repeat.UPSERT:
            try:
                found = effect.find(intent.key)
            except VendorFault as fault:
                return self._not_sent(effect, intent, fault)
            if found is not None:
                return self.adopt(effect, intent, draft, found, "was already there")
        now = self.services.clock()
        sent = replace(
            intent,
            stage=Stage.SENT,
            sent_at=instant_text(now),
            attempts=intent.attempts + 1,
            lease_until=instant_text(now + self.lease),
            holder=self.holder,
            asked_at="",
            absences=0,
            answer="",
            operation="",
        )
        intent = self._save(intent, sent)
        try:
            reply = effect.make(intent.key, draft)
        except VendorFault as fault:
            return self.failed(effect, intent, draft, fault)
        except ConfigurationFault as fault:
            # Credentials are looked up before the bytes leave: nothing was sent.
            self._save(intent, replace(intent, stage=Stage.PLANNED, lease_until="", why=str(fault)))
            raise
        intent = self._save(intent, replace(intent, answer=self._keep(intent, reply)))
        return self.conclude(effect, intent, draft, reply)

    def _keep(self, intent: Intent, reply: Reply) -> str:
        """Stores the raw answer before anybody tries to understand it."""
        text = f"{reply.status}\n{reply.text()}"
        if len(text.encode()) <= INLINE_ANSWER:
            return text
        key = f"answers/{intent.record}/{intent.effect}/{intent.key}/{intent.attempts}"
        self.services.bodies.put(key, reply.body)
        return f"s3:{key}"

    def answer_of(self, intent: Intent) -> Reply | None:
        """The raw answer of the last attempt, if the process lived long enough to store it."""
        if not intent.answer:
            return None
        if intent.answer.startswith("s3:"):
            try:
                return Reply(200, {}, self.services.bodies.get(intent.answer[3:]))
            except KeyError:  # the bucket no longer holds it: the vendor has to be asked
                return None
        status, _, text = intent.answer.partition("\n")
        return Reply(int(status), {}, text.encode())

    def _reread(self, effect: Effect, intent: Intent, draft: Draft, kept: Reply) -> Written:
        """A stored answer settles the matter if it can be read now: after a crash, or with a mended parser."""
        try:
            result = effect.read(kept)
        except (VendorFault, *UNREADABLE):
            return self._ask(effect, intent, draft)
        if isinstance(result, Pending):
            return self._ask(effect, intent, draft)
        return self._done(effect, intent, result, "written (read from the stored answer)")

    def conclude(self, effect: Effect, intent: Intent, draft: Draft, reply: Reply) -> Written:
        """What follows from the answer to a write that was sent; the answer is stored already."""
        try:
            result = effect.read(reply)
        except VendorFault as fault:
            return self.failed(effect, intent, draft, fault)
        except UNREADABLE as error:
            why = f"the answer of {effect.system} could not be read ({type(error).__name__}); it is kept in the intent"
            return self._unknown(effect, intent, why)
        if isinstance(result, Pending):
            intent = replace(intent, operation=result.operation, pending_since=intent.sent_at)
            return self._watch(effect, intent, draft, result)
        return self._done(effect, intent, result, "written")

    def _watch(self, effect: Effect, intent: Intent, draft: Draft, pending: Pending) -> Written:
        """Asks at once a few times (most operations end within a second), then parks."""
        if effect.check is None:
            raise TypeError(f"effect {effect.name} answers Pending but cannot be checked")
        for _ in range(IMMEDIATE_CHECKS):
            try:
                result = effect.check(pending.operation)
            except VendorFault as fault:
                return self._operation_failed(effect, intent, draft, fault)
            if not isinstance(result, Pending):
                return self._done(effect, intent, result, "written")
            pending = result
        self._save(intent, replace(intent, stage=Stage.PENDING, lease_until=""))
        why = f"{effect.system} is still working on {effect.name}"
        return Later(self.services.clock() + pending.after, why, planned=True)

    def _check(self, effect: Effect, intent: Intent, draft: Draft) -> Written:
        started = parse_instant(intent.pending_since or intent.sent_at)
        if self.services.clock() - started > PENDING_CAP:
            return self._unknown(effect, intent, f"{effect.system} did not finish {effect.name} within 15 minutes")
        return self._watch(effect, intent, draft, Pending(intent.operation, timedelta(seconds=2)))

    def _operation_failed(self, effect: Effect, intent: Intent, draft: Draft, fault: VendorFault) -> Written:
        if fault.kind is FaultKind.CONFLICT:
            return self._not_sent(effect, intent, fault)
        if fault.kind in _RETRY:
            self._save(intent, replace(intent, stage=Stage.PENDING, lease_until=""))
            why = f"could not ask for the state of {effect.name}: {fault}"
            return Later(self._retry_at(intent, fault), why, trouble=fault.trouble)
        return self._ask_now(effect, intent, draft, f"the operation ended with an error ({fault})", refused=str(fault))

    # ---- failures ------------------------------------------------------------------------------------------

    def failed(self, effect: Effect, intent: Intent, draft: Draft, fault: VendorFault) -> Written:
        """What follows from a write that was sent and met a fault."""
        if fault.kind is FaultKind.DUPLICATE:
            return self._ask_now(effect, intent, draft, f"{effect.system} says that it already exists")
        if fault.executed is Executed.MAYBE and effect.repeat is not Repeat.UPSERT:
            return self._unknown(effect, intent, str(fault), fault.trouble)
        return self._not_sent(effect, intent, fault)

    def _not_sent(self, effect: Effect, intent: Intent, fault: VendorFault) -> Written:
        """The write surely had no effect (or repeating it has none)."""
        if fault.kind in _RETRY or fault.kind is FaultKind.CONFLICT:
            # Where nothing left at all, the write counts as never begun: its duplicate check keeps its worth.
            untouched = fault.kind in (FaultKind.BUDGET, FaultKind.NOT_SENT)
            sent_at = "" if untouched and intent.attempts <= 1 else intent.sent_at
            attempts = max(0, intent.attempts - 1) if untouched else intent.attempts
            planned = replace(intent, stage=Stage.PLANNED, lease_until="", why=str(fault), sent_at=sent_at)
            self._save(intent, replace(planned, attempts=attempts))
            return Later(self._retry_at(intent, fault), str(fault), trouble=fault.trouble)
        self._save(intent, replace(intent, stage=Stage.REFUSED, lease_until="", why=str(fault)))
        if fault.kind in (FaultKind.FORBIDDEN, FaultKind.CONFIGURATION):
            return Held(str(fault))
        return Refused(str(fault))

    def _retry_at(self, intent: Intent, fault: VendorFault) -> datetime:
        waits = self.record.waits
        now, random = self.services.clock(), self.services.random
        return wait_until(now, waits, random, fault.retry_at, spread=queue_spread(waits))

    def _unknown(self, effect: Effect, intent: Intent, why: str, trouble: str = "") -> Unknown:
        self._save(intent, replace(intent, stage=Stage.UNKNOWN, lease_until="", why=why, absences=0, asked_at=""))
        at = parse_instant(intent.sent_at) + self._settle(effect)
        if intent.attempts > 1:  # a write that fails each time must not be sent twice a minute for ever
            at = max(at, wait_until(self.services.clock(), intent.attempts, self.services.random))
        return Unknown(f"{effect.name} {intent.key}: {why}; {effect.system} will be asked", at, trouble)

    # ---- asking --------------------------------------------------------------------------------------------

    def _ask(self, effect: Effect, intent: Intent, draft: Draft) -> Written:
        """Asks the vendor whether the write happened, not before its settle delay has passed."""
        due = parse_instant(intent.asked_at or intent.sent_at) + self._settle(effect)
        if self.services.clock() < due:
            why = intent.why or "the process died while it was writing"
            self._save(intent, replace(intent, stage=Stage.UNKNOWN, lease_until="", why=why))
            return Unknown(f"{effect.name} {intent.key}: {why}; {effect.system} will be asked", due)
        try:
            found = effect.find(intent.key)
        except VendorFault as fault:
            self._save(intent, replace(intent, stage=Stage.UNKNOWN, lease_until=""))
            why = f"could not ask {effect.system} for {effect.name}: {fault}"
            return Unknown(why, self._retry_at(intent, fault), fault.trouble)
        if found is not None:
            return self.adopt(effect, intent, draft, found, "was found at the vendor after an unclear answer")
        return self._absent(effect, intent, draft)

    def _absent(self, effect: Effect, intent: Intent, draft: Draft) -> Written:
        now = self.services.clock()
        absences = intent.absences + 1
        if absences < 2:
            self._save(
                intent,
                replace(
                    intent,
                    stage=Stage.UNKNOWN,
                    lease_until="",
                    absences=absences,
                    asked_at=instant_text(now),
                ),
            )
            why = f"{effect.name} {intent.key} was not found at {effect.system} the first time it was asked"
            return Unknown(f"{why}; absence is believed the second time", now + self._settle(effect))
        if effect.repeat is Repeat.BLIND:
            self._save(intent, replace(intent, stage=Stage.UNKNOWN, lease_until="", absences=absences))
            return Held(
                f"{effect.system} may or may not have executed {effect.name} {intent.key} at {intent.sent_at}; it does "
                f"not show it, which is no proof. Check at {effect.system}, then release or close the record."
            )
        note = f"{effect.name} {intent.key} was twice not found at {effect.system}: surely not written"
        self.record = self.store.change(self.record, lambda current: current, note, {"effect": effect.name})
        return self._send(effect, self._redraft(intent, draft), draft, checked=True)

    def _ask_now(
        self,
        effect: Effect,
        intent: Intent,
        draft: Draft,
        why: str,
        refused: str | None = None,
    ) -> Written:
        """Asks at once because the vendor gave a clear hint; what is not visible yet is asked again later."""
        try:
            found = effect.find(intent.key)
        except VendorFault:
            return self._unknown(effect, intent, why)
        if found is not None:
            return self.adopt(effect, intent, draft, found, why)
        if refused is not None:
            self._save(intent, replace(intent, stage=Stage.REFUSED, lease_until="", why=refused))
            return Refused(refused)
        return self._unknown(effect, intent, why)

    def adopt(self, effect: Effect, intent: Intent, draft: Draft, found: Found, how: str) -> Written:
        """What the vendor holds under the key counts as written, if it is what we would write."""
        differences = list(effect.differences(found, draft))
        if not differences:
            return self._done(effect, self._redraft(intent, draft), found.reference, how)
        why = f"{effect.system} holds {dict(found.reference)} under {intent.key}, but: {'; '.join(differences)}"
        self._save(intent, replace(intent, stage=Stage.REFUSED, lease_until="", why=why))
        return Held(f"{why}. Nothing was written. Correct one side, then replay.")

    def _done(self, effect: Effect, intent: Intent, reference: Reference, how: str) -> Done:
        done = self._next(intent, replace(intent, stage=Stage.DONE, lease_until="", reference=dict(reference), why=""))
        facts: Mapping[str, Any] = {
            "effect": effect.name,
            "key": intent.key,
            "reference": dict(reference),
            "attempts": done.attempts,
            "planned_at": done.planned_at,
            "sent_at": done.sent_at,
        }
        put = Put("records", intent_item(done), Equals({"version": intent.version}))
        text = f"{effect.name} {intent.key}: {how} ({', '.join(f'{k} {v}' for k, v in reference.items())})."
        self.record = self.store.change(self.record, lambda current: current, text, facts, lambda record: [put])
        return Done(reference)

    def _changed(self, intent: Intent) -> Held:
        return Held(
            f"{intent.effect} {intent.key} was written ({dict(intent.reference)}) and the source has changed since. "
            "It is not written a second time; see both versions with `ml-connector records show`."
        )
