"""A book of records that remembers the last minutes, so that a read can be answered as of a minute ago."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")
KEPT = timedelta(minutes=5)


def collated(key: Any) -> Any:
    """A text as the database compares it: letter case and trailing blanks say nothing. Parts of a key one by one."""
    if isinstance(key, str):
        return key.rstrip(" ").upper()
    return tuple(collated(part) for part in key) if isinstance(key, tuple) else key


class Book(Generic[K, V]):
    """Records by key, found whatever the letter case; a key stays spelled as it was first put.

    `horizon` answers up to which moment reads see; None: the present. `exact` answers whether the database has a binary
    sort order, in which letter case counts.
    """

    def __init__(
        self, now: Callable[[], datetime], horizon: Callable[[], datetime | None], exact: Callable[[], bool]
    ) -> None:
        self._now = now
        self._horizon = horizon
        self._exact = exact
        self._versions: dict[K, list[tuple[datetime, V | None]]] = {}
        self._spelled: dict[Any, K] = {}

    def _key(self, key: K) -> K:
        return key if self._exact() else self._spelled.get(collated(key), key)

    def _visible(self, versions: list[tuple[datetime, V | None]]) -> V | None:
        horizon = self._horizon()
        if horizon is None:
            return versions[-1][1]
        return next((value for at, value in reversed(versions) if at <= horizon), None)

    def get(self, key: K) -> V | None:
        """The record, or None."""
        versions = self._versions.get(self._key(key))
        return self._visible(versions) if versions else None

    def put(self, key: K, value: V | None) -> None:
        """Puts a record (None: removes it) and forgets versions that no read can ask for any more."""
        now = self._now()
        key = self._key(key)
        self._spelled.setdefault(collated(key), key)
        versions = self._versions.setdefault(key, [])
        old = [at for at, (moment, _) in enumerate(versions) if moment <= now - KEPT]
        if old:
            del versions[: old[-1]]
        versions.append((now, value))

    def items(self) -> Iterator[tuple[K, V]]:
        """All visible records."""
        for key, versions in list(self._versions.items()):
            value = self._visible(versions)
            if value is not None:
                yield key, value

    def values(self) -> Iterator[V]:
        """All visible records without their keys."""
        return (value for _, value in self.items())
