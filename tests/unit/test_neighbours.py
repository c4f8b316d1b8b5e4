"""Other connections of a pair: what would move the same things is refused by name, what cannot be read is left out."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from connector.connection import ConnectionDocument, apply_document, parse_document
from connector.faults import ConfigurationFault
from connector.neighbours import check_neighbours, neighbours
from tests.support.toy import ToyDocument
from tests.support.world import World
from tests.unit.test_connection import GOOD

AT = datetime(2026, 3, 2, tzinfo=UTC)


class Jealous(ToyDocument):
    """Wants its depot for itself."""

    def clashes(self, other: ConnectionDocument) -> Sequence[str]:
        return ["both use one depot"] if isinstance(other, ToyDocument) and other.depot == self.depot else ()


def named(name: str, model: type[ToyDocument] = ToyDocument) -> ToyDocument:
    return parse_document({**copy.deepcopy(GOOD), "connection": name}, model)


def test_a_clash_names_the_other_connection_and_the_reason() -> None:
    world = World()
    apply_document(world.tables, named("east"), AT, "test")
    apply_document(world.tables, named("west"), AT, "test")
    with pytest.raises(ConfigurationFault, match="clashes with connection east: both use one depot; clashes with "):
        check_neighbours(world.tables, named("north", Jealous))
    check_neighbours(world.tables, named("north"))
    with pytest.raises(ConfigurationFault, match=r"^connection west: clashes with connection east: both use one \w+$"):
        check_neighbours(world.tables, named("west", Jealous))


def test_a_connection_that_this_version_cannot_read_is_left_out() -> None:
    world = World()
    apply_document(world.tables, named("east"), AT, "test")
    item = world.tables.get("connections", "east", "document")
    assert item is not None
    world.tables.put("connections", {**item, "data": '{"connection":"east","pair":"toy"}'})
    assert neighbours(world.tables, named("west")) == []
