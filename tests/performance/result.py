"""One line of a benchmark's result, and how it is judged."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Result:
    """`value` was counted, `bound` is what it is held to, `ratio` is how much of the bound is used."""

    name: str
    value: float
    bound: float
    ratio: float
    ok: bool

    def text(self) -> str:
        """The line as JSON."""
        return json.dumps(asdict(self), ensure_ascii=False)


def result(name: str, value: float, bound: float) -> Result:
    """A result that is good while the value is at most the bound."""
    ratio = round(value / bound, 3)
    return Result(name, round(value, 3), round(bound, 3), ratio, ratio <= 1.0)
