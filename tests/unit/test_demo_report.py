"""What a demo says of itself: its exit code, and that a planted difference which nobody found is told."""

from __future__ import annotations

import io
import json

from rich.console import Console

from local.demo.report import Closing, Result, show
from local.demo.table import Line

SIDES = ("Here", "There")


def closing(*differences: str) -> Closing:
    return Closing("Here and there", SIDES, [Line("Orders", "1", "1", differences)], differences, (), {})


def said(result: Result) -> str:
    console = Console(file=io.StringIO(), width=200)
    show(console, result)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_zero_when_all_sides_agree_and_what_was_planted_was_found() -> None:
    result = Result({"story": 1.0}, {"one": closing()}, planted={"one": ["Orders: one too many"]})
    assert result.code == 0
    assert "found in 1 of 1 acts" in said(result)
    assert said(result).rstrip().endswith("0 differences")


def test_one_for_a_difference() -> None:
    result = Result({"story": 1.0}, {"one": closing("Orders: one too many")})
    assert result.code == 1
    assert "Orders: one too many" in said(result)
    assert json.loads(result.document())["differences"] == ["Orders: one too many"]


def test_one_for_a_planted_difference_that_was_not_found() -> None:
    result = Result({}, {"one": closing(), "two": closing()}, planted={"one": ["Orders: one too many"], "two": []})
    assert (result.missed, result.code) == (["two"], 1)
    assert "found in 1 of 2 acts" in said(result)


def test_one_for_a_failure() -> None:
    result = Result({}, failure="Nothing moves.")
    assert result.code == 1
    assert "Nothing moves." in said(result)
