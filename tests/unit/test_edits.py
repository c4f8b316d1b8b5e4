"""Overlays: only what the shape has, in its own types, and never what says which document it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from acumatica_shipbob.items import FLOW as ITEMS
from acumatica_shipbob.orders import FLOW as ORDERS
from acumatica_shipstation.orders import FLOW as SHIPSTATION
from acumatica_ups.labels import FLOW as LABELS
from connector.edits import Editable, Unfit, laid_over, merged, parse_assignments, paths


@dataclass(frozen=True)
class Place:
    city: str = ""
    code: str | None = None


@dataclass(frozen=True)
class Line:
    line_number: int
    quantity: Decimal
    uom: str = "EA"


@dataclass(frozen=True)
class Box:
    weight: Decimal | None


@dataclass(frozen=True)
class Shape:
    id: str
    number: str
    via: str | None
    hold: bool
    count: int
    day: date | None
    at: datetime
    place: Place
    lines: tuple[Line, ...]
    boxes: tuple[Box, ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)


EDITABLE = Editable(Shape)
SHAPE = Shape(
    "1", "SO1", "GROUND", False, 2, None, datetime(2026, 3, 2, tzinfo=UTC), Place("Timonium", "A"),
    (Line(2, Decimal(1)), Line(5, Decimal(3))), (Box(None), Box(Decimal(1))),
)  # fmt: skip


def edited(*assignments: str) -> Shape:
    return laid_over(SHAPE, parse_assignments(assignments, EDITABLE))


def test_every_type_is_read_and_the_rest_stays() -> None:
    found = edited(
        "via=EXPRESS", "hold=yes", "count=7", "day=2026-03-05", "at=2026-03-05T10:00:00Z", "place.city=Springfield"
    )
    assert (found.via, found.hold, found.count, found.day) == ("EXPRESS", True, 7, date(2026, 3, 5))
    assert found.at == datetime(2026, 3, 5, 10, tzinfo=UTC)
    assert found.place == Place("Springfield", "A")
    assert (found.id, found.lines) == (SHAPE.id, SHAPE.lines)


def test_rows_are_named_by_their_own_number_else_by_their_place() -> None:
    found = edited("lines.5.quantity=2.5", "boxes.1.weight=4.5")
    assert [line.quantity for line in found.lines] == [Decimal(1), Decimal("2.5")]
    assert [box.weight for box in found.boxes] == [Decimal("4.5"), Decimal(1)]


def test_an_empty_value_is_none_where_it_may_be_and_a_text_elsewhere() -> None:
    found = edited("via=", "place.city=", "place.code=")
    assert (found.via, found.place) == (None, Place("", None))


def test_a_value_may_hold_equals_signs() -> None:
    assert edited("via=a=b").via == "a=b"


@pytest.mark.parametrize(
    ("assignment", "words"),
    [
        ("via", "PATH=VALUE"),
        ("=x", "PATH=VALUE"),
        ("number=SO2", "cannot be overlaid"),
        ("id=2", "cannot be overlaid"),
        ("town=x", "there are id, number, via"),
        ("place.town=x", "there are city, code"),
        ("place=x", "members of its own"),
        ("lines=x", "members of its own"),
        ("lines.first.uom=x", "no number of a row"),
        ("extra.a=x", "nothing below"),
        ("count=many", "'many' is no int"),
        ("lines.5.quantity=many", "'many' is no Decimal"),
        ("day=tomorrow", "is no date"),
        ("hold=perhaps", "is no bool"),
        ("at=2026-03-05", "is no datetime"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(assignment: str, words: str) -> None:
    with pytest.raises(Unfit, match=words):
        parse_assignments([assignment], EDITABLE)


def test_a_row_that_is_gone_is_said() -> None:
    values = parse_assignments(["lines.9.uom=BX"], EDITABLE)
    with pytest.raises(Unfit, match=r"lines\.9: there is no such row; there are 2, 5"):
        laid_over(SHAPE, values)


def test_overlays_add_up_and_name_their_paths() -> None:
    first, second = (parse_assignments(each, EDITABLE) for each in (["place.city=A", "via=X"], ["place.city=B"]))
    found = merged(first, second)
    assert found == {"place": {"city": "B"}, "via": "X"}
    assert paths(found) == ["place.city", "via"]


@pytest.mark.parametrize(
    ("flow", "assignment"),
    [
        (ORDERS, "ship_to.city=Springfield"), (ORDERS, "ship_via=GROUND"), (ORDERS, "lines.1.uom=EA"),
        (SHIPSTATION, "ship_to.postal_code=98407"),
        (ITEMS, "description=Chair"), (LABELS, "packages.1.weight=4.5"), (LABELS, "contact.attention=Desk"),
    ],
)  # fmt: skip
def test_the_real_shapes_can_be_edited(flow: Any, assignment: str) -> None:
    assert parse_assignments([assignment], flow.editable)


@pytest.mark.parametrize(
    ("flow", "assignment"),
    [(ORDERS, "number=1"), (ORDERS, "order_type=SA"), (ITEMS, "inventory_id=X"), (LABELS, "number=1")],
)
def test_what_names_a_document_cannot_be_edited(flow: Any, assignment: str) -> None:
    with pytest.raises(Unfit):
        parse_assignments([assignment], flow.editable)
