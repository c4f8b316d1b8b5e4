"""An item's stock at both sides. Source: GP manual (available = on hand - allocated); ShipBob "Inventory levels".

Compared is what may be sold: what is ordered counts on both sides, so an order that is entered or on its way makes no
difference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from dynamicsgp_shipbob.mapping.amounts import plain
from dynamicsgp_shipbob.settings import DynamicsGpShipBob, ItemRow
from vendors.dynamics_gp.keys import folded, same
from vendors.dynamics_gp.shapes.inventory import SiteStock
from vendors.shipbob.shapes import LocationLevel


@dataclass(frozen=True)
class Counted:
    """What ShipBob has of an item at one centre, in its units: sellable, and announced but not stowed."""

    sellable: int
    awaiting: int


def skus_of(document: DynamicsGpShipBob, item: str) -> dict[str, ItemRow]:
    """The SKUs whose stock is that of a GP item. Bundles have none of their own."""
    rows = document.tables.items.items()
    return {sku: row for sku, row in rows if same(row.item, item) and row.compare and row.pieces == 1}


def single_skus(document: DynamicsGpShipBob, item: str) -> dict[str, ItemRow]:
    """The SKUs that can be announced for a GP item, whatever the letter case: single products, compared or not."""
    rows = document.tables.items.items()
    return {sku: row for sku, row in rows if same(row.item, item) and row.pieces == 1}


def compared_items(document: DynamicsGpShipBob) -> list[str]:
    """Every GP item that is compared, once each: of several spellings the first by name."""
    names = {row.item for row in document.tables.items.values() if row.compare and row.pieces == 1}
    return sorted({folded(name): name for name in sorted(names, reverse=True)}.values())


def centres_of(document: DynamicsGpShipBob) -> dict[str, list[str]]:
    """GP site -> ShipBob centres. A site that rows spell differently is one: its stock must not count twice."""
    spelled: dict[str, str] = {}
    found: dict[str, list[str]] = {}
    for centre, site in document.tables.sites.items():
        found.setdefault(spelled.setdefault(folded(site), site), []).append(centre)
    return found


def counted(levels: Sequence[LocationLevel]) -> dict[str, Counted]:
    """ShipBob's rows of some inventory items, summed by centre."""
    sums: dict[str, Counted] = {}
    for level in levels:
        sellable = level.fulfillable
        if sellable is None:
            sellable = level.on_hand - (level.committed or 0)
        before = sums.get(str(level.location_id), Counted(0, 0))
        sums[str(level.location_id)] = Counted(before.sellable + sellable, before.awaiting + (level.awaiting or 0))
    return sums


@dataclass(frozen=True)
class Difference:
    """Units that GP has more (or, below zero, less) of at a site than ShipBob."""

    site: str
    centres: tuple[str, ...]
    gp: Decimal
    shipbob: int
    awaiting: int
    units: Decimal

    def __str__(self) -> str:
        more = "more" if self.units > 0 else "fewer"
        announced = f" and {self.awaiting} announced" if self.awaiting else ""
        place = f"centre {', '.join(self.centres)}"
        return (
            f"{plain(abs(self.units))} {more} in GP: {plain(self.gp)} available at site {self.site}, "
            f"{self.shipbob} sellable{announced} at ShipBob's {place}"
        )


def differences(
    stock: Mapping[str, SiteStock], at_shipbob: Mapping[str, Counted], factor: Decimal, document: DynamicsGpShipBob
) -> list[Difference]:
    """What differs by more than the tolerance, site by site. A site or centre without a row has none."""
    tolerance, found = document.settings.stock.tolerance, []
    for site, centres in sorted(centres_of(document).items()):
        held = next((row for name, row in stock.items() if same(name, site)), None)
        gp = (held.available if held is not None else Decimal(0)) * factor
        rows = [at_shipbob[centre] for centre in centres if centre in at_shipbob]
        sellable, awaiting = sum(row.sellable for row in rows), sum(row.awaiting for row in rows)
        units = gp - sellable
        if units > 0:
            units = max(Decimal(0), units - awaiting)  # goods on their way explain what GP has more
        if abs(units) > tolerance:
            found.append(Difference(site, tuple(sorted(centres)), gp, sellable, awaiting, units))
    return found
