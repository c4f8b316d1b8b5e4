"""Planned movements of stock: everything is computed first and happens at once, so that a fault leaves no half."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from local.simulators.dynamics_gp.records import Stock
from local.simulators.dynamics_gp.world import World


class Moves:
    """Movements that are not booked yet; `held` sees them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._changed: dict[tuple[str, str], Stock] = {}

    def held(self, item: str, site: str) -> Stock:
        """What the site will hold once the planned movements are booked."""
        return self._changed.get(self._key(item, site)) or self._world.held(item, site)

    def _key(self, item: str, site: str) -> tuple[str, str]:
        card, place = self._world.items.get(item), self._world.sites.get(site)
        return card.number if card is not None else item, place.id if place is not None else site

    def add(self, item: str, site: str, **changes: Decimal) -> None:
        """Plans to add to places of a stock."""
        held = self.held(item, site)
        changed = replace(held, **{name: getattr(held, name) + by for name, by in changes.items()})
        self._changed[self._key(item, site)] = changed

    def book(self) -> None:
        """Makes the movements happen."""
        for key, stock in self._changed.items():
            self._world.stock.put(key, stock)
        self._changed.clear()
