"""Stores for rehearsals: they answer like real ones, and the real ones keep no trace, except what guards accounts."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.effect import Draft
from connector.intent import fingerprint
from connector.overlay import OverlayBodies, OverlayTables, overlaid
from connector.planned import PLAN, deviation, promise
from connector.ports import Absent, AbsentOrBelow, Delete, Equals, Item, Message, Put, pages
from connector.record import Record, Status
from connector.rehearsal import ReadingWire, WouldSend
from connector.transport import Reply, Request
from tests.support.memory import MemoryTables
from tests.support.world import World

PKS, SKS = ("a/orders/1", "a/orders/2"), ("record", "intent#x#1", "wait#k", "ref#order=1")
CONDITIONS = st.one_of(
    st.none(), st.just(Absent()), st.builds(lambda n: Equals({"version": n}), st.integers(0, 3)),
    st.builds(lambda n: AbsentOrBelow("version", n), st.integers(0, 3)),
)  # fmt: skip
ITEMS = st.builds(
    lambda pk, sk, version, status: {
        "pk": pk, "sk": sk, "version": version, "status_key": status, "due_at": f"d{version}"
    },
    st.sampled_from(PKS), st.sampled_from(SKS), st.integers(0, 3), st.sampled_from(["a#held", "a#queued"]),
)  # fmt: skip
ACTS = st.one_of(
    st.tuples(st.just("put"), ITEMS, CONDITIONS),
    st.tuples(st.just("delete"), ITEMS, CONDITIONS),
    st.tuples(st.just("add"), ITEMS, st.sampled_from([None, 2])),
    st.tuples(st.just("transact"), st.lists(st.tuples(ITEMS, CONDITIONS, st.booleans()), max_size=3), st.none()),
)


def filled(items: list[Item]) -> MemoryTables:
    tables = MemoryTables()
    for item in items:
        tables.put("records", item)
    return tables


def act(tables: Any, name: str, what: Any, how: Any) -> Any:
    if name == "put":
        return tables.put("records", what, how)
    if name == "delete":
        return tables.delete("records", what["pk"], what["sk"], how)
    if name == "add":
        return tables.add("records", what["pk"], what["sk"], "count", 1, ceiling=how)
    once = {(item["pk"], item["sk"]): (item, condition, put) for item, condition, put in what}
    writes = [
        Put("records", item, condition) if put else Delete("records", item["pk"], item["sk"], condition)
        for item, condition, put in once.values()
    ]
    return tables.transact(writes) if writes else True


def looks(tables: Any) -> list[Any]:
    """Everything that the reads of the port say, by small pages."""
    found: list[Any] = [tables.get("records", pk, sk) for pk in PKS for sk in SKS]
    found.append(tables.get_many("records", [(pk, sk) for pk in PKS for sk in SKS]))
    for pk in PKS:
        for options in ({}, {"prefix": "intent#"}, {"descending": True}):
            read = partial(tables.query, "records", pk, limit=1, **options)
            found.append(list(pages(partial(at, read))))
    for key in ("a#held", "a#queued"):
        for below in (None, "d1"):
            read = partial(tables.query_index, "records", "by_status", key, below=below)
            items = pages(partial(at, read))
            found.append(sorted((str(item["due_at"]), str(item["pk"]), str(item["sk"])) for item in items))
    items = pages(partial(at, partial(tables.scan, "records")))
    found.append(sorted(str(sorted(item.items(), key=str)) for item in items))
    return found


def at(read: Any, start: str | None) -> Any:
    """One page of a read."""
    return read(start=start)


@given(st.lists(ITEMS, max_size=4), st.lists(ACTS, max_size=8))
def test_an_overlay_answers_like_a_table_and_leaves_the_one_below_alone(items: list[Item], acts: list[Any]) -> None:
    real, below = filled(items), filled(items)
    before = looks(below)
    overlay = OverlayTables(below)
    for name, what, how in acts:
        assert act(overlay, name, what, how) == act(real, name, what, how)
        assert looks(overlay) == looks(real)
    assert looks(below) == before


def test_what_guards_the_vendors_accounts_is_real() -> None:
    below = MemoryTables()
    overlay = OverlayTables(below)
    for pk in ("budget/x", "lease/slot/x/0", "tokens/x", "reconnect/x"):
        overlay.put("state", {"pk": pk, "sk": "-"})
        assert below.get("state", pk, "-") is not None
    overlay.add("state", "budget/x", "window", "taken", 3)
    assert below.get("state", "budget/x", "window") is not None
    overlay.delete("state", "budget/x", "-")
    assert below.get("state", "budget/x", "-") is None
    overlay.put("state", {"pk": "cursor/a/orders", "sk": "-"})
    assert below.get("state", "cursor/a/orders", "-") is None


def test_bodies_and_queues_keep_nothing() -> None:
    world = World()
    world.services.bodies.put("a", b"1")
    services, _ = overlaid(world.services, {})
    assert isinstance(services.bodies, OverlayBodies)
    services.bodies.put("a", b"2")
    services.bodies.put("b", b"3")
    assert (services.bodies.get("a"), world.services.bodies.get("a")) == (b"2", b"1")
    with pytest.raises(KeyError):
        world.services.bodies.get("b")
    assert services.queues.send("live", [Message("x")]) == ["not sent 0"]
    assert world.queues.messages("live") == []


class Below:
    """A wire that answers everything."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def exchange(self, request: Request) -> Reply:
        self.seen.append(request.purpose)
        return Reply(200, {}, b"{}")


def test_the_wire_of_a_rehearsal_lets_reads_and_sign_ins_through_and_no_write() -> None:
    below = Below()
    wire = ReadingWire(below)
    wire.exchange(Request("GET", "https://erp.example/a", "read"))
    wire.exchange(Request("PUT", "https://erp.example/b", "inquire"))
    wire.exchange(Request("POST", "https://erp.example/token", "sign in", authorize=False, write=True))
    with pytest.raises(WouldSend):
        wire.exchange(Request("POST", "https://erp.example/c", "create", write=True))
    assert below.seen == ["read", "inquire", "sign in"]
    assert dict(wire.calls) == {"erp.example": 2}


# ---- the promise ----------------------------------------------------------------------------------------------


def planned(seen: int = 2) -> Record:
    record = Record("a", "p", "orders", "1", Status.QUEUED, "", 1, 1, "poll", "c", "live", "", "", "")
    kept = promise(record, "erp.order", "K", fingerprint(Draft({"n": 1})), ["erp.confirm"])
    return Record(
        "a", "p", "orders", "1", Status.QUEUED, "", seen, 1, "replay", "c", "live", "", "", "", links={PLAN: kept}
    )


def test_a_promise_lets_the_planned_write_and_what_follows_through() -> None:
    assert deviation(planned(), "erp.order", "K", Draft({"n": 1})) == ""
    assert deviation(planned(), "erp.confirm", "whatever", Draft({"n": 9})) == ""


def test_a_promise_stops_another_draft_key_or_effect() -> None:
    assert "source has changed" in deviation(planned(), "erp.order", "K", Draft({"n": 2}))
    assert "now it would be erp.order L" in deviation(planned(), "erp.order", "L", Draft({"n": 1}))
    assert "now it would be erp.cancel K" in deviation(planned(), "erp.cancel", "K", Draft({"n": 1}))


def test_a_promise_is_for_its_own_sighting_only() -> None:
    assert deviation(planned(seen=3), "erp.order", "K", Draft({"n": 2})) == ""
