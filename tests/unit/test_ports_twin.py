"""Random histories: the twin of the tables and a real engine give the same answers and end with the same items."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.ports import Absent, AbsentOrBelow, Condition, Delete, Equals, Item, Page, Put, Tables, pages
from tests.conftest import REAL_ENGINES
from tests.support.engines import Engine
from tests.support.memory import MemoryTables

EXAMPLES = 60
PKS = ("shop/orders/1", "shop/orders/2")
SKS = ("record", "intent#order#a", "intent#order#b", "wait#sku=A")
KEYS = st.tuples(st.sampled_from(PKS), st.sampled_from(SKS))
WORDS = st.sampled_from(["a", "b", "é", "\U0001f381"])


@dataclass(frozen=True)
class Call:
    """One call of the port, to be made on both."""

    name: str
    make: Callable[[Tables], Any] = field(repr=False)
    arguments: object = None


@st.composite
def items(draw: st.DrawFn) -> Item:
    pk, sk = draw(KEYS)
    item: Item = {"pk": pk, "sk": sk}
    item |= draw(
        st.fixed_dictionaries(
            {},
            optional={
                "revision": st.integers(-2, 5),
                "holder": WORDS,
                "missing": WORDS,
                "status_key": WORDS,
                "due_at": WORDS,
                "open": st.booleans(),
            },
        )
    )
    return item


CONDITIONS: st.SearchStrategy[Condition] = st.one_of(
    st.none(),
    st.just(Absent()),
    st.just(Equals({})),
    st.builds(lambda n: Equals({"revision": n}), st.integers(-2, 5)),
    st.builds(lambda word, n: Equals({"holder": word, "revision": n}), WORDS, st.integers(-2, 5)),
    st.builds(lambda word: AbsentOrBelow("holder", word), WORDS),
    st.builds(lambda n: AbsentOrBelow("revision", n), st.integers(-2, 5)),
)
PUTS = st.builds(Put, st.just("records"), items(), CONDITIONS)
DELETES = st.builds(lambda key, condition: Delete("records", key[0], key[1], condition), KEYS, CONDITIONS)


def put(write: Put) -> Call:
    return Call("put", lambda tables: tables.put(write.table, write.item, write.condition), write)


def delete(write: Delete) -> Call:
    return Call("delete", lambda t: t.delete(write.table, write.pk, write.sk, write.condition), write)


def transact(writes: list[Put | Delete]) -> Call:
    def make(tables: Tables) -> bool | str:
        try:
            return tables.transact(writes)
        except ValueError as error:
            return str(error)

    return Call("transact", make, writes)


def add(key: tuple[str, str], amount: int, ceiling: int | None, expires_at: int | None) -> Call:
    def make(tables: Tables) -> int | None:
        return tables.add("records", *key, "revision", amount, ceiling=ceiling, expires_at=expires_at)

    return Call("add", make, (key, amount, ceiling, expires_at))


def query(pk: str, prefix: str, descending: bool, limit: int | None) -> Call:
    def make(tables: Tables) -> list[Item]:
        def read(start: str | None) -> Page:
            return tables.query("records", pk, prefix=prefix, descending=descending, limit=limit, start=start)

        return list(pages(read))

    return Call("query", make, (pk, prefix, descending, limit))


def query_index(index: str, word: str, below: str | None, limit: int | None) -> Call:
    def make(tables: Tables) -> list[tuple[Any, Any]]:
        def read(start: str | None) -> Page:
            return tables.query_index("records", index, word, below=below, limit=limit, start=start)

        return sorted((item["pk"], item["sk"]) for item in pages(read))  # the order of equal sort keys is open

    return Call("query_index", make, (index, word, below, limit))


LIMITS = st.none() | st.integers(1, 3)
CALLS = st.one_of(
    st.builds(put, PUTS),
    st.builds(delete, DELETES),
    st.builds(transact, st.lists(st.one_of(PUTS, DELETES), max_size=4)),
    st.builds(add, KEYS, st.integers(-3, 4), st.none() | st.integers(-1, 5), st.none() | st.integers(1, 9)),
    st.builds(query, st.sampled_from(PKS), st.sampled_from(["", "intent#", "r"]), st.booleans(), LIMITS),
    st.builds(query_index, st.sampled_from(["by_missing", "by_status"]), WORDS, st.none() | WORDS, LIMITS),
)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(CALLS, min_size=1, max_size=15))
@pytest.mark.parametrize("engine", REAL_ENGINES, indirect=True)
def test_twin_and_engine_agree(engine: Engine, history: list[Call]) -> None:
    twin, real = MemoryTables(), engine.services.tables
    for item in pages(lambda start: real.scan("records", start=start)):
        real.delete("records", str(item["pk"]), str(item["sk"]))
    for call in history:
        assert call.make(twin) == call.make(real), call
    held = sorted(pages(lambda start: real.scan("records", start=start)), key=lambda item: (item["pk"], item["sk"]))
    assert twin.items("records") == held
    assert twin.get_many("records", [(pk, sk) for pk in PKS for sk in SKS]) == real.get_many(
        "records", [(pk, sk) for pk in PKS for sk in SKS]
    )


def test_frozen_indexes_answer_the_past() -> None:
    tables = MemoryTables()
    waiting: Item = {"pk": PKS[0], "sk": "wait#sku=A", "missing": "shop#sku=A"}
    tables.put("records", waiting)
    tables.freeze_indexes()
    tables.delete("records", PKS[0], "wait#sku=A")
    assert tables.query_index("records", "by_missing", "shop#sku=A").items == [waiting]
    assert tables.get("records", PKS[0], "wait#sku=A") is None
    tables.thaw_indexes()
    assert tables.query_index("records", "by_missing", "shop#sku=A").items == []


def test_small_pages_can_be_forced() -> None:
    tables = MemoryTables(page_bytes=1)
    for n in range(5):
        tables.put("audit", {"pk": "a", "sk": f"{n:08d}"})
    assert len(tables.query("audit", "a").items) == 1
    assert len(list(pages(lambda start: tables.query("audit", "a", start=start)))) == 5
