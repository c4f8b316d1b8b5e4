"""The shape of a closing table. Nothing of the connector is imported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One line: what is compared, how much of it each side holds (ERP first), what differs."""

    title: str
    erp: str
    other: str
    differences: tuple[str, ...]


def differences(sides: tuple[str, str], lines: Sequence[Line]) -> list[str]:
    """Every difference of a table, with the names of both sides before it."""
    return [f"{' and '.join(sides)}, {line.title}: {text}" for line in lines for text in line.differences]
