"""Connection documents: every wrong key is named, apply is all or nothing, what appeared is known."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from connector.connection import (
    MAXIMUM_TABLE_BYTES,
    Applied,
    ConnectionDocument,
    InvalidConnection,
    apply_document,
    list_connections,
    load_connection,
    parse_document,
    set_state,
)
from connector.faults import ConfigurationFault
from connector.outcome import Missing
from tests.support.toy import ToyDocument
from tests.support.world import World

AT = datetime(2026, 3, 2, tzinfo=UTC)
GOOD: dict[str, Any] = {
    "version": 1,
    "connection": "demo",
    "pair": "toy",
    "start": "2026-03-01T00:00:00Z",
    "schedule": {"orders": {"every_seconds": 60, "enabled": True}},
    "settle_scale": 1.0,
    "depot": {"base_url": "https://depot.example", "seats": 2},
    "tables": {"skus": {"PEN": "P-1"}},
}
CLOSED = [(), ("schedule", "orders"), ("depot",), ("tables",)]
"""Where the document takes no keys of the writer's own."""


def changed(path: tuple[str, ...], value: object) -> dict[str, Any]:
    """The good document with one value replaced."""
    raw = copy.deepcopy(GOOD)
    place: dict[str, Any] = raw
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    return raw


def problems(raw: Mapping[str, Any]) -> tuple[str, ...]:
    """What is wrong with a document."""
    with pytest.raises(InvalidConnection) as caught:
        parse_document(raw, ToyDocument)
    assert all(problem in str(caught.value) for problem in caught.value.problems)
    return caught.value.problems


def apply(world: World, raw: Mapping[str, Any]) -> Applied:
    """Applies a document."""
    return apply_document(world.tables, parse_document(raw, ToyDocument), AT, "ann")


# ---- every wrong key is named -----------------------------------------------------------------------------------


@given(
    path=st.sampled_from(CLOSED),
    key=st.from_regex(r"[a-z_]{3,12}", fullmatch=True).filter(lambda k: k not in str(GOOD)),
)
def test_an_unknown_key_is_named_wherever_it_stands(path: tuple[str, ...], key: str) -> None:
    assert problems(changed((*path, key), 1)) == (f"{'.'.join((*path, key))}: unknown key",)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("version",), 2),
        (("connection",), "Demo Shop"),
        (("connection",), "demo/x"),
        (("connection",), ""),
        (("connection",), "demo\n"),
        (("connection",), "d" * 42),
        (("start",), "2026-03-01T00:00:00"),  # no offset: a guess would move orders by hours
        (("start",), "yesterday"),
        (("schedule", "orders", "every_seconds"), 0),
        (("schedule", "orders", "enabled"), "perhaps"),
        (("settle_scale",), -1),
        (("depot", "seats"), 0),
        (("depot", "seats"), "many"),
        (("depot", "base_url"), None),
        (("tables", "skus"), ["PEN"]),
        (("tables", "skus", "PEN"), 5),
    ],
)
def test_a_wrong_value_is_named(path: tuple[str, ...], value: object) -> None:
    found = problems(changed(path, value))
    assert len(found) == 1
    assert found[0].startswith(f"{'.'.join(path)}: ")


@pytest.mark.parametrize("key", ["connection", "pair", "start"])
def test_a_missing_key_is_named(key: str) -> None:
    raw = {name: value for name, value in GOOD.items() if name != key}
    assert problems(raw) == (f"{key}: missing",)


@settings(deadline=None)
@given(
    st.sets(
        st.sampled_from([("version",), ("start",), ("settle_scale",), ("depot", "seats"), ("depot", "base_url")]),
        min_size=1,
    )
)
def test_all_wrong_keys_are_named_at_once(paths: set[tuple[str, ...]]) -> None:
    raw = copy.deepcopy(GOOD)
    for path in paths:
        place: Any = raw
        for part in path[:-1]:
            place = place[part]
        place[path[-1]] = {"wrong": True}
    assert {problem.split(": ", 1)[0] for problem in problems(raw)} == {".".join(path) for path in paths}


# ---- apply ------------------------------------------------------------------------------------------------------


def test_what_was_applied_comes_back() -> None:
    world = World()
    applied = apply(world, GOOD)
    assert (applied.revision, applied.created, applied.appeared) == (1, True, (Missing("skus", "PEN"),))
    connection = load_connection(world.tables, "demo", ToyDocument)
    assert connection is not None
    assert connection.document == parse_document(GOOD, ToyDocument)
    assert (connection.state, connection.revision, connection.pair) == ("active", 1, "toy")
    assert connection.every("orders", timedelta(hours=1)) == timedelta(seconds=60)
    assert connection.every("others", timedelta(hours=1)) == timedelta(hours=1)
    assert list_connections(world.tables, "toy") == ["demo"]


TABLES = st.dictionaries(st.sampled_from("ABCD"), st.sampled_from(["1", "2"]))


@settings(deadline=None)
@given(before=TABLES, after=TABLES)
def test_what_appeared_is_what_is_new_or_maps_to_something_else(before: dict[str, str], after: dict[str, str]) -> None:
    world = World()
    apply(world, changed(("tables", "skus"), before))
    applied = apply(world, changed(("tables", "skus"), after))
    assert {missing.value for missing in applied.appeared} == {
        key for key, value in after.items() if before.get(key) != value
    }


def test_an_apply_keeps_a_pause() -> None:
    world = World()
    apply(world, GOOD)
    assert set_state(world.tables, "demo", "paused")
    assert apply(world, GOOD).revision == 3
    connection = load_connection(world.tables, "demo", ToyDocument)
    assert connection is not None
    assert not connection.active


def test_a_name_of_another_pair_is_refused_and_nothing_is_changed() -> None:
    world = World()
    apply(world, GOOD)
    with pytest.raises(ConfigurationFault, match="choose another name"):
        apply(world, changed(("pair",), "other"))
    assert list_connections(world.tables, "other") == []


def test_of_two_applies_at_once_one_loses_loudly_and_leaves_nothing() -> None:
    world = World()
    apply(world, GOOD)
    real = world.tables.transact

    def transact(writes: Any) -> bool:
        world.tables.transact = real  # type: ignore[method-assign]
        apply(world, changed(("tables", "skus"), {"CUP": "C-1"}))
        return real(writes)

    world.tables.transact = transact  # type: ignore[method-assign]
    with pytest.raises(ConfigurationFault, match="at the same moment"):
        apply(world, changed(("tables", "skus"), {"BAG": "B-1"}))
    connection = load_connection(world.tables, "demo", ToyDocument)
    assert connection is not None
    assert dict(cast(ToyDocument, connection.document).tables.skus) == {"CUP": "C-1"}


def test_a_table_that_does_not_fit_is_refused_with_its_name() -> None:
    rows = {f"SKU-{number}": "x" * 100 for number in range(MAXIMUM_TABLE_BYTES // 100)}
    with pytest.raises(ConfigurationFault, match="skus"):
        apply(World(), changed(("tables", "skus"), rows))


def test_a_table_of_thousands_of_rows_works() -> None:
    world = World()
    rows = {f"SKU-{number:05d}": f"P-{number}" for number in range(9000)}
    assert len(apply(world, changed(("tables", "skus"), rows)).appeared) == 9000
    connection = load_connection(world.tables, "demo", ToyDocument)
    assert connection is not None
    assert len(cast(ToyDocument, connection.document).tables.skus) == 9000


def test_a_table_that_a_new_version_no_longer_has_goes_with_the_next_apply() -> None:
    """Otherwise the stored document would be invalid for ever, and 'apply it again' would not help."""

    class Older(BaseModel):
        model_config = ConfigDict(extra="forbid", frozen=True)

        skus: Mapping[str, str]
        colours: Mapping[str, str]

    class OlderDocument(ConnectionDocument):
        tables: Older

    world = World()
    tables = {"skus": {"PEN": "P-1"}, "colours": {"RED": "R"}}
    raw = {key: GOOD[key] for key in ("connection", "pair", "start")} | {"tables": tables}
    apply_document(world.tables, parse_document(raw, OlderDocument), AT, "ann")
    with pytest.raises(ConfigurationFault, match="apply it again"):
        load_connection(world.tables, "demo", ToyDocument)
    apply(world, GOOD)
    assert load_connection(world.tables, "demo", ToyDocument) is not None


def test_nothing_is_paused_that_does_not_exist() -> None:
    assert not set_state(World().tables, "demo", "paused")
    assert load_connection(World().tables, "demo", ToyDocument) is None
