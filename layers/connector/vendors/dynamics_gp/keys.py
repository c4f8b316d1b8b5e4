"""Keys of GP's cards and documents: items, customers, sites, units of measure, document numbers, tracking numbers.

They stand in fixed-width columns of SQL Server, in whose usual collation letter case and trailing blanks say nothing:
`accs-crd-12wh ` is ACCS-CRD-12WH. GP answers a key as its card or a line spells it, so keys are compared folded, and
never counted as two because of their spelling. (A server with a binary sort order tells `a` from `A` and refuses a key
that is spelled otherwise than its card; two cards that differ in letter case alone are not supported.)
"""

from __future__ import annotations

from collections.abc import Iterable


def folded(key: str) -> str:
    """The key for comparisons."""
    return key.strip().casefold()


def same(one: str, other: str) -> bool:
    """Whether two keys name one thing."""
    return folded(one) == folded(other)


def folded_all(keys: Iterable[str]) -> frozenset[str]:
    """Several keys for comparisons."""
    return frozenset(folded(key) for key in keys)
