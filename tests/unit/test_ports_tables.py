"""What every implementation of `ports.Tables` promises, on each engine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import pytest

from connector.ports import (
    Absent,
    AbsentOrBelow,
    Condition,
    Delete,
    Equals,
    Item,
    Page,
    Put,
    Tables,
    pages,
)
from tests.support.deviations import allow_known
from tests.support.engines import Engine

STORED: Item = {"pk": "shop/orders/SO1", "sk": "record", "revision": 3, "open": True, "due_at": "2026-03-02T14:00:00Z"}


@pytest.fixture
def tables(engine: Engine) -> Tables:
    return engine.services.tables


def record(sk: str, **attributes: str | int | bool) -> Item:
    return {"pk": "shop/orders/SO1", "sk": sk, **attributes}


def test_item_comes_back_with_its_types(tables: Tables) -> None:
    item = record("record", text="Grüße 🎁", empty="", number=-(10**37), yes=True, no=False, zero=0)
    assert tables.put("records", item)
    found = tables.get("records", "shop/orders/SO1", "record")
    assert found == item
    assert {name: type(value) for name, value in found.items()} == {name: type(value) for name, value in item.items()}


def test_absent_item_is_none(tables: Tables) -> None:
    assert tables.get("records", "shop/orders/SO1", "record") is None


def test_item_handed_in_or_out_is_a_copy(tables: Tables) -> None:
    item = record("record", revision=1)
    tables.put("records", item)
    item["revision"] = 2
    found = tables.get("records", "shop/orders/SO1", "record")
    assert found is not None
    found["revision"] = 3
    assert tables.get("records", "shop/orders/SO1", "record") == record("record", revision=1)


def test_put_replaces_the_whole_item(tables: Tables) -> None:
    tables.put("records", record("record", old=1))
    tables.put("records", record("record", new=1))
    assert tables.get("records", "shop/orders/SO1", "record") == record("record", new=1)


CONDITIONS: Sequence[tuple[str, Item | None, Condition, bool]] = [
    ("absent, nothing there", None, Absent(), True),
    ("absent, something there", STORED, Absent(), False),
    ("equals, nothing there", None, Equals({"revision": 3}), False),
    ("equals nothing in particular, nothing there", None, Equals({}), False),
    ("equals nothing in particular", STORED, Equals({}), True),
    ("equals", STORED, Equals({"revision": 3, "open": True}), True),
    ("equals, one differs", STORED, Equals({"revision": 3, "open": False}), False),
    ("equals, attribute missing", STORED, Equals({"holder": "a"}), False),
    ("equals, True is not 1", STORED, Equals({"open": 1}), False),
    ("equals, 3 is not '3'", STORED, Equals({"revision": "3"}), False),
    ("equals, key attribute", STORED, Equals({"sk": "record"}), True),
    ("below, nothing there", None, AbsentOrBelow("revision", 1), True),
    ("below, attribute missing", STORED, AbsentOrBelow("until", "2026"), True),
    ("below", STORED, AbsentOrBelow("revision", 4), True),
    ("below, equal", STORED, AbsentOrBelow("revision", 3), False),
    ("below, above", STORED, AbsentOrBelow("revision", 2), False),
    ("below, text", STORED, AbsentOrBelow("due_at", "2026-03-02T14:00:01Z"), True),
    ("below, equal text", STORED, AbsentOrBelow("due_at", "2026-03-02T14:00:00Z"), False),
    ("below, text is not below a number", STORED, AbsentOrBelow("due_at", 9), False),
    ("below, a boolean is not below a number", STORED, AbsentOrBelow("open", 9), False),
    ("below, numbers are compared as numbers", STORED, AbsentOrBelow("revision", 10), True),
]


@pytest.mark.parametrize(("name", "stored", "condition", "holds"), CONDITIONS, ids=[c[0] for c in CONDITIONS])
def test_condition(
    request: pytest.FixtureRequest, engine: Engine, name: str, stored: Item | None, condition: Condition, holds: bool
) -> None:
    """Each condition decides the same about a put, a deletion, and both inside a transaction."""
    allow_known(request, engine.name, name)
    tables = engine.services.tables
    writes: list[tuple[Callable[[], bool], Item | None]] = [
        (lambda: tables.put("records", record("record", new=1), condition), record("record", new=1)),
        (lambda: tables.delete("records", "shop/orders/SO1", "record", condition), None),
        (lambda: tables.transact([Put("records", record("record", new=1), condition)]), record("record", new=1)),
        (lambda: tables.transact([Delete("records", "shop/orders/SO1", "record", condition)]), None),
    ]
    for write, after in writes:
        if stored is None:
            tables.delete("records", "shop/orders/SO1", "record")
        else:
            tables.put("records", stored)
        assert write() is holds
        assert tables.get("records", "shop/orders/SO1", "record") == (after if holds else stored)


def test_deleting_what_is_not_there_is_no_error(tables: Tables) -> None:
    assert tables.delete("records", "shop/orders/SO1", "record")


def test_transaction_writes_all_or_nothing_across_tables(tables: Tables) -> None:
    tables.put("state", {"pk": "lease/1", "sk": "-", "holder": "me"})
    tables.put("records", record("wait#customer=C1"))
    writes: list[Put | Delete] = [
        Put("records", record("record", revision=1), Absent()),
        Put("audit", {"pk": "shop/orders/SO1", "sk": "00000001", "day": "2026-03-02", "at": "2026-03-02T14"}, Absent()),
        Delete("records", "shop/orders/SO1", "wait#customer=C1"),
        Delete("state", "lease/1", "-", Equals({"holder": "somebody else"})),
    ]
    assert not tables.transact(writes)
    assert tables.get("records", "shop/orders/SO1", "record") is None
    assert tables.get("audit", "shop/orders/SO1", "00000001") is None
    assert tables.get("records", "shop/orders/SO1", "wait#customer=C1") is not None

    writes[-1] = Delete("state", "lease/1", "-", Equals({"holder": "me"}))
    assert tables.transact(writes)
    assert tables.get("records", "shop/orders/SO1", "record") == record("record", revision=1)
    assert tables.get("audit", "shop/orders/SO1", "00000001") is not None
    assert tables.get("records", "shop/orders/SO1", "wait#customer=C1") is None
    assert tables.get("state", "lease/1", "-") is None


def test_transaction_of_nothing_holds(tables: Tables) -> None:
    assert tables.transact([])


def test_transaction_of_a_hundred_writes(tables: Tables) -> None:
    writes = [Put("records", record(f"intent#{n:03d}"), Absent()) for n in range(100)]
    assert tables.transact(writes)
    assert len(list(pages(lambda start: tables.query("records", "shop/orders/SO1", start=start)))) == 100
    with pytest.raises(ValueError, match="101 writes"):
        tables.transact([*writes, Put("records", record("intent#100"))])


def test_transaction_refuses_two_writes_of_one_item(tables: Tables) -> None:
    with pytest.raises(ValueError, match="same item"):
        tables.transact([Put("records", record("record")), Delete("records", "shop/orders/SO1", "record")])
    assert tables.get("records", "shop/orders/SO1", "record") is None


def test_get_many_takes_any_number_of_keys(tables: Tables) -> None:
    for n in range(0, 250, 2):
        tables.put("connections", {"pk": "shop", "sk": f"table#{n:03d}", "n": n})
    keys = [("shop", f"table#{n:03d}") for n in range(250)]
    found = tables.get_many("connections", [*keys, *keys[:20]])
    assert {key: item["n"] for key, item in found.items()} == {("shop", f"table#{n:03d}"): n for n in range(0, 250, 2)}
    assert tables.get_many("connections", []) == {}


def test_get_many_gets_more_than_one_answer_holds(tables: Tables) -> None:
    """BatchGetItem stops at 16 MB and leaves the rest unprocessed."""
    keys = [("shop", f"table#{n:03d}") for n in range(60)]
    for pk, sk in keys:
        tables.put("connections", {"pk": pk, "sk": sk, "data": "x" * 380_000})
    assert set(tables.get_many("connections", keys)) == set(keys)


def names(page: Page) -> list[str]:
    return [str(item["sk"]) for item in page.items]


def test_query_is_ordered_by_sort_key(tables: Tables) -> None:
    intents = ["intent#a", "intent#b", "intent#é", "intent#\uffee", "intent#\U0001f381"]
    for sk in ("record", *reversed(intents), "ref#order=SO1", "Z"):
        tables.put("records", record(sk))
    tables.put("records", {"pk": "shop/orders/SO10", "sk": "intent#c"})
    assert names(tables.query("records", "shop/orders/SO1")) == ["Z", *intents, "record", "ref#order=SO1"]
    assert names(tables.query("records", "shop/orders/SO1", prefix="intent#")) == intents
    assert names(tables.query("records", "shop/orders/SO1", prefix="intent#", descending=True)) == intents[::-1]
    assert names(tables.query("records", "shop/orders/SO2")) == []


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("limit", [1, 2, 3, 6, 7, 20])
def test_query_pages_lose_and_repeat_nothing(tables: Tables, descending: bool, limit: int) -> None:
    wanted = [f"intent#{n}" for n in range(6)]
    for sk in (*wanted, "record"):
        tables.put("records", record(sk))

    def read(start: str | None) -> Page:
        page = tables.query(
            "records", "shop/orders/SO1", prefix="intent#", descending=descending, limit=limit, start=start
        )
        assert len(page.items) <= limit
        return page

    assert [item["sk"] for item in pages(read)] == (wanted[::-1] if descending else wanted)


def test_pages_go_on_past_an_item_that_was_deleted_meanwhile(tables: Tables) -> None:
    for n in range(4):
        tables.put("records", record(f"intent#{n}"))
    first = tables.query("records", "shop/orders/SO1", limit=2)
    tables.delete("records", "shop/orders/SO1", "intent#1")
    assert names(tables.query("records", "shop/orders/SO1", start=first.next)) == ["intent#2", "intent#3"]


def test_query_past_a_megabyte_comes_in_pages(tables: Tables) -> None:
    for n in range(7):
        tables.put("audit", {"pk": "shop/orders/SO1", "sk": f"{n:08d}", "data": "x" * 300_000})
    first = tables.query("audit", "shop/orders/SO1")
    assert first.next is not None
    assert len(first.items) < 7
    found = list(pages(lambda start: tables.query("audit", "shop/orders/SO1", start=start)))
    assert [item["sk"] for item in found] == [f"{n:08d}" for n in range(7)]


INDEXED = [
    ("connections", "by_pair", "pair", "pk"),
    ("records", "by_status", "status_key", "due_at"),
    ("records", "by_missing", "missing", "pk"),
    ("records", "by_reference", "reference", "pk"),
    ("audit", "by_day", "day", "at"),
]


@pytest.mark.parametrize(("table", "index", "partition", "order"), INDEXED, ids=[i[1] for i in INDEXED])
def test_index_holds_what_has_its_attributes(
    tables: Tables, table: str, index: str, partition: str, order: str
) -> None:
    for n, value in enumerate(["a", "b", "a", "a", "b"]):
        item: Item = {"pk": f"shop/{n}", "sk": "x", partition: value}
        tables.put(table, item if order == "pk" else {**item, order: f"shop/{n}"})
    tables.put(table, {"pk": "shop/9", "sk": "x"})  # sparse: without the attribute it is not in the index

    def read(value: str, below: str | None = None, descending: bool = False) -> list[str]:
        def page(start: str | None) -> Page:
            return tables.query_index(
                table, index, value, below=below, descending=descending, limit=2, start=start
            )

        return [str(item["pk"]) for item in pages(page)]

    assert read("a") == ["shop/0", "shop/2", "shop/3"]
    assert read("a", descending=True) == ["shop/3", "shop/2", "shop/0"]
    assert read("a", below="shop/2") == ["shop/0", "shop/2"]
    assert read("a", below="shop/1") == ["shop/0"]
    assert read("b") == ["shop/1", "shop/4"]
    assert read("c") == []


def test_index_pages_through_equal_sort_keys(tables: Tables) -> None:
    for n in range(7):
        tables.put("records", {"pk": f"shop/orders/{n}", "sk": "record", "status_key": "shop#held", "due_at": "9999"})

    def read(start: str | None) -> Page:
        return tables.query_index("records", "by_status", "shop#held", limit=2, start=start)

    assert sorted(str(item["pk"]) for item in pages(read)) == [f"shop/orders/{n}" for n in range(7)]


def test_index_follows_changes(tables: Tables) -> None:
    tables.put("records", record("wait#sku=A", missing="shop#sku=A"))
    assert len(tables.query_index("records", "by_missing", "shop#sku=A").items) == 1
    tables.put("records", record("wait#sku=A"))
    assert tables.query_index("records", "by_missing", "shop#sku=A").items == []


def test_scan_sees_everything_once(tables: Tables) -> None:
    keys = {(f"shop/{n % 3}", f"x{n}") for n in range(10)}
    for pk, sk in keys:
        tables.put("events", {"pk": pk, "sk": sk})
    found = [(str(item["pk"]), str(item["sk"])) for item in pages(lambda s: tables.scan("events", limit=3, start=s))]
    assert len(found) == 10
    assert set(found) == keys


def test_add_counts_and_stops_at_the_ceiling(tables: Tables) -> None:
    def add(amount: int, ceiling: int | None = None) -> int | None:
        return tables.add("state", "budget/1", "10:00", "calls", amount, ceiling=ceiling, expires_at=1_900_000_000)

    assert add(5, ceiling=4) is None
    assert tables.get("state", "budget/1", "10:00") is None
    assert add(3, ceiling=4) == 3
    assert add(2, ceiling=4) is None
    assert add(1, ceiling=4) == 4
    assert add(1, ceiling=4) is None
    assert add(0, ceiling=4) == 4
    assert add(-2, ceiling=4) == 2
    assert add(10) == 12
    assert tables.get("state", "budget/1", "10:00") == {
        "pk": "budget/1", "sk": "10:00", "calls": 12, "expires_at": 1_900_000_000,
    }


def test_add_leaves_other_attributes_alone(tables: Tables) -> None:
    tables.put("state", {"pk": "budget/1", "sk": "-", "closed_until": "2026"})
    assert tables.add("state", "budget/1", "-", "calls", 2, ceiling=2) == 2
    assert tables.get("state", "budget/1", "-") == {"pk": "budget/1", "sk": "-", "closed_until": "2026", "calls": 2}


def together(count: int, work: Callable[[int], None]) -> None:
    """Runs `work` in many threads that start at the same moment; raises what any of them raised."""
    barrier = threading.Barrier(count)
    errors: list[BaseException] = []

    def run(number: int) -> None:
        barrier.wait()
        try:
            work(number)
        except BaseException as error:  # noqa: BLE001 - handed to the test below
            errors.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def test_twenty_threads_share_a_ceiling(request: pytest.FixtureRequest, engine: Engine) -> None:
    allow_known(request, engine.name, "add under threads")
    taken: list[int] = []

    def take(number: int) -> None:
        for _ in range(5):
            total = engine.services.tables.add("state", "budget/1", "-", "calls", 1, ceiling=60)
            if total is not None:
                taken.append(total)

    together(20, take)
    assert sorted(taken) == list(range(1, 61))
    assert engine.services.tables.get("state", "budget/1", "-") == {"pk": "budget/1", "sk": "-", "calls": 60}


def test_twenty_threads_want_one_lease(request: pytest.FixtureRequest, engine: Engine) -> None:
    allow_known(request, engine.name, "conditional put under threads")
    winners: list[int] = []

    def take(number: int) -> None:
        item: Item = {"pk": "lease/1", "sk": "-", "holder": str(number), "until": "2026-03-02T14:06:00.000000Z"}
        if engine.services.tables.put("state", item, AbsentOrBelow("until", "2026-03-02T14:05:00.000000Z")):
            winners.append(number)

    together(20, take)
    assert len(winners) == 1
    held = engine.services.tables.get("state", "lease/1", "-")
    assert held is not None
    assert held["holder"] == str(winners[0])


REFUSED: Sequence[tuple[str, str, Item, type[Exception], str]] = [
    ("fraction", "records", {"pk": "a", "sk": "b", "price": 1.5}, TypeError, "price"),  # type: ignore[dict-item]
    ("none", "records", {"pk": "a", "sk": "b", "price": None}, TypeError, "price"),  # type: ignore[dict-item]
    ("map", "records", {"pk": "a", "sk": "b", "data": {}}, TypeError, "data"),  # type: ignore[dict-item]
    ("too large", "records", {"pk": "a", "sk": "b", "data": "ü" * 200_000}, ValueError, "bucket"),
    ("too many digits", "records", {"pk": "a", "sk": "b", "n": 10**38}, ValueError, "39 digits"),
    ("empty pk", "records", {"pk": "", "sk": "b"}, ValueError, "'pk'"),
    ("no sk", "records", {"pk": "a"}, ValueError, "'sk'"),
    ("number as sk", "records", {"pk": "a", "sk": 1}, ValueError, "'sk'"),
    ("long sk", "records", {"pk": "a", "sk": "ü" * 600}, ValueError, "1024"),
    ("empty index key", "records", {"pk": "a", "sk": "b", "missing": ""}, ValueError, "missing"),
    ("number as index key", "records", {"pk": "a", "sk": "b", "due_at": 1}, ValueError, "due_at"),
]


@pytest.mark.parametrize(("table", "item", "error", "text"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_item_that_cannot_be_stored(
    tables: Tables, table: str, item: Item, error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        tables.put(table, item)
    with pytest.raises(error, match=text):
        tables.transact([Put("records", record("record")), Put(table, item)])
    assert list(pages(lambda start: tables.scan(table, start=start))) == []


def test_index_attributes_are_free_in_other_tables(tables: Tables) -> None:
    assert tables.put("state", {"pk": "a", "sk": "b", "missing": "", "day": 3})


def test_unknown_names_are_refused(tables: Tables) -> None:
    with pytest.raises(ValueError, match="there is no 'orders'"):
        tables.get("orders", "a", "b")
    with pytest.raises(ValueError, match="no index 'by_day'"):
        tables.query_index("records", "by_day", "2026-03-02")
    with pytest.raises(ValueError, match="a place to go on from"):
        tables.query("records", "a", start="somewhere")
    with pytest.raises(ValueError, match="0 items"):
        tables.query("records", "a", limit=0)
    with pytest.raises(ValueError, match="'pk'"):
        tables.get("records", "", "b")
