"""How far a parcel is, from UPS's scans: a lattice that late, repeated or reordered news cannot turn back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connector import progress
from connector.instants import instant_text
from vendors.ups.shapes import Activity, PushEvent, Standing, TrackedPackage

STAGES = ("labelled", "in transit", "out for delivery", "ready for pickup", "delivered")
RETURNED, LOST, VOIDED = "returned", "lost", "voided"
EXCEPTION, RETURNING = "exception", "returning"
FINAL_BESIDE = frozenset({RETURNED, LOST, VOIDED})
STICKY = frozenset({RETURNED, VOIDED})
"""Unlike these, a lost parcel may be found and delivered."""

MOST_SCANS = 60

Progress = progress.Progress
"""stage, beside, stamp; delivered_on, delivered_at, received_by, location, promised; last (the newest scan in words);
scans: key -> [local time, words], each once."""

_STAGES = {
    Standing.LABEL_ONLY: "labelled",
    Standing.IN_TRANSIT: "in transit",
    Standing.OUT_FOR_DELIVERY: "out for delivery",
    Standing.AT_PICKUP_POINT: "ready for pickup",
    Standing.DELIVERED: "delivered",
    Standing.EXCEPTION: "in transit",
    Standing.RETURNING: "in transit",
    Standing.RETURNED: "in transit",
    Standing.LOST: "in transit",
}
_BESIDE = {
    Standing.EXCEPTION: EXCEPTION,
    Standing.RETURNING: RETURNING,
    Standing.RETURNED: RETURNED,
    Standing.LOST: LOST,
    Standing.VOIDED: VOIDED,
}
START: Progress = {
    "stage": "labelled", "beside": "", "stamp": "", "delivered_on": "", "delivered_at": "", "received_by": "",
    "location": "", "promised": "", "last": "", "scans": {},
}  # fmt: skip


def of_push(event: PushEvent) -> dict[str, Any]:
    """The facts of one pushed event. An update (new date) is no scan."""
    facts = {**START, "stamp": instant_text(event.at) if event.at else ""}
    facts["promised"] = event.scheduled.isoformat() if event.scheduled else ""
    if event.standing is Standing.UPDATE:
        return facts
    words = _words(event.description, event.city, event.state)
    facts |= _standing(event.standing)
    facts |= {"last": words, "scans": {_key(event.local, event.type, event.code, event.city): [event.local, words]}}
    if event.standing is Standing.DELIVERED:
        facts["delivered_on"] = event.delivered.isoformat() if event.delivered else event.local[:10]
        facts["delivered_at"] = event.delivered_time or ""
        facts["received_by"] = event.received_by or ""
    return facts


def of_track(package: TrackedPackage) -> dict[str, Any]:
    """The facts of a tracked parcel: every scan, and what UPS says of the whole."""
    facts: dict[str, Any] = dict(START)
    for scan in reversed(package.activities):
        facts = merge(facts, _of_scan(scan))
    stamp = facts["stamp"]
    facts = merge(facts, {**START, **_standing(package.standing), "stamp": stamp, "last": facts["last"]})
    promised = package.rescheduled or package.promised
    facts["promised"] = promised.isoformat() if promised else ""
    if package.delivery is not None:
        found = package.delivery
        facts["delivered_on"] = found.day.isoformat() if found.day else ""
        facts["delivered_at"] = found.time or ""
        facts["received_by"] = found.received_by or ""
        facts["location"] = found.location or ""
    return facts


def _of_scan(scan: Activity) -> dict[str, Any]:
    words = _words(scan.description, scan.city, scan.state)
    key = _key(scan.local, scan.type, scan.code, scan.city)
    return {
        **START, **_standing(scan.standing), "stamp": instant_text(scan.at) if scan.at else "", "last": words,
        "scans": {key: [scan.local, words]},
    }  # fmt: skip


def _standing(standing: Standing) -> dict[str, str]:
    return {"stage": _STAGES.get(standing, "labelled"), "beside": _BESIDE.get(standing, "")}


def _words(description: str, city: str, state: str) -> str:
    place = " ".join(part for part in (city.title(), state) if part)
    text = " ".join(description.split())
    return f"{text}, {place}" if place else text


def _key(local: str, kind: str, code: str, city: str) -> str:
    """The same for a scan that was pushed and tracked: both name it by local time, type, code and place."""
    return "|".join((local, kind, code, city.upper()))


def merge(old: Progress | None, new: Progress) -> dict[str, Any]:
    """Both together; every scan of either, each once."""
    merged = progress.merge(old, new, STAGES, STICKY)
    scans = {**(old or START)["scans"], **new["scans"]}
    newest = sorted(scans.items(), key=lambda pair: str(pair[1][0]), reverse=True)[:MOST_SCANS]
    merged["scans"] = dict(sorted(newest))
    return merged


def voided(old: Progress | None) -> dict[str, Any]:
    """The parcel whose label is void."""
    return {**(old or START), "beside": VOIDED}


def is_final(facts: Progress) -> bool:
    """Whether nothing more will come."""
    return facts["stage"] == STAGES[-1] or facts["beside"] in FINAL_BESIDE


def overall(parcels: Sequence[Progress]) -> str:
    """Where a shipment is: its slowest parcel; exception, returned or lost as soon as one parcel is."""
    alive = [facts for facts in parcels if facts["beside"] != VOIDED]
    if not alive:
        return VOIDED
    for beside, word in ((LOST, EXCEPTION), (EXCEPTION, EXCEPTION), (RETURNED, RETURNED), (RETURNING, EXCEPTION)):
        if any(facts["beside"] == beside for facts in alive):
            return word
    return min((str(facts["stage"]) for facts in alive), key=STAGES.index)


def signature(parcels: Mapping[str, Progress]) -> str:
    """What decides whether a text must be written anew: the stage, and once it ends or is in trouble, each parcel."""
    stage = overall(list(parcels.values()))
    if stage in STAGES[:-1]:
        return stage  # the first of three parcels is no news of the shipment
    rows = [
        f"{number}:{facts['beside']}:{facts['delivered_on']}:{facts['received_by']}"
        for number, facts in sorted(parcels.items())
    ]
    return "|".join([stage, *rows])
