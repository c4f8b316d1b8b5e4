"""Two connections of this pair that share accounts: what is told apart by what, and what is the other one's.

Goods are told apart by place: each connection has its own locations and fulfilment centres. Orders are told apart by
name where channels or prefixes of the two differ, else by the centre that a shipment leaves.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from connector.cache import LIFE
from connector.connection import Connection
from connector.neighbours import neighbours
from connector.services import Services

if TYPE_CHECKING:
    from netsuite_shipbob.settings import NetSuiteShipBob


def share_netsuite(one: NetSuiteShipBob, two: NetSuiteShipBob) -> bool:
    """Whether both use one NetSuite account."""
    return one.systems.netsuite.account_id == two.systems.netsuite.account_id


def share_shipbob(one: NetSuiteShipBob, two: NetSuiteShipBob) -> bool:
    """Whether both use one ShipBob account, or may: which one a token opens is not in the file."""
    a, b = one.systems.shipbob, two.systems.shipbob
    return a.base_url == b.base_url and not (a.account and b.account and a.account != b.account)


def named_apart(one: NetSuiteShipBob, two: NetSuiteShipBob) -> bool:
    """Whether a ShipBob order is of one of them by its channel or its name alone."""
    a, b = one.settings.shipments, two.settings.shipments
    if a.channels and b.channels and not set(a.channels) & set(b.channels):
        return True
    prefixes = (a.order_prefix, b.order_prefix)
    return a.order_name == b.order_name and not _overlap(*prefixes)


def _overlap(one: str, two: str) -> bool:
    return one.startswith(two) or two.startswith(one)


def clashes(one: NetSuiteShipBob, two: NetSuiteShipBob) -> Sequence[str]:
    """Why both would move the same things."""
    if not share_netsuite(one, two):
        return ()
    account = f"NetSuite account {one.systems.netsuite.account_id}"
    shared = sorted(one.tables.locations.keys() & two.tables.locations.keys())
    found = [f"both map location {name} of {account}: map it in one of them" for name in shared]
    if share_shipbob(one, two):
        found += [f"{reason} (if they use two ShipBob accounts, name each in systems.shipbob.account)"
                  for reason in _at_shipbob(one, two)]  # fmt: skip
    return found


def _at_shipbob(one: NetSuiteShipBob, two: NetSuiteShipBob) -> list[str]:
    centres = ({place.location_id for place in each.tables.locations.values()} for each in (one, two))
    found = [
        f"both map fulfilment centre {centre} of one ShipBob account: map it in one of them"
        for centre in sorted(set.intersection(*centres))
    ]
    if one.settings.charges.enabled and two.settings.charges.enabled:
        found.append("both would book ShipBob's invoices: set settings.charges.enabled to false in one of them")
    orders = (one.settings.orders, two.settings.orders)
    if all(each.enabled for each in orders) and _overlap(*(each.reference_prefix for each in orders)):
        found.append("both send sales orders, under the same references: give each its own orders.reference_prefix")
    fields = [each for each in (one, two) if each.settings.shipments.mode == "so_custom_fields"]
    if (fields or any(each.enabled for each in orders)) and not named_apart(one, two):
        what = "shows all parcels of an order in its fields" if fields else "sends orders itself"
        found.append(
            f"one of them {what}, so their orders must be told apart by name: set settings.shipments.channels in both, "
            "or an order_prefix in both"
        )
    return found


# ---- at work -------------------------------------------------------------------------------------------------------


def sharing(services: Services, document: NetSuiteShipBob) -> list[NetSuiteShipBob]:
    """The other connections of the same accounts, at most a minute old: a list may name thousands of parcels."""
    key, now = ("neighbours", document.connection), services.clock()
    known: tuple[datetime, list[Connection]] | None = services.memory.get(key)
    if known is None or not timedelta(0) <= now - known[0] < LIFE:
        known = services.memory[key] = (now, neighbours(services.tables, document))
    others = [each.document for each in known[1] if isinstance(each.document, type(document))]
    return [each for each in others if share_netsuite(document, each) and share_shipbob(document, each)]


def owner_of_centre(services: Services, document: NetSuiteShipBob, centre_id: int | None) -> str:
    """The other connection of the same accounts that a fulfilment centre is of; empty where it is ours or nobody's."""
    if document.location_of(centre_id) is not None:
        return ""
    others = sharing(services, document)
    return next((each.connection for each in others if each.location_of(centre_id) is not None), "")


def owner_of_shipment(services: Services, document: NetSuiteShipBob, centre_id: int | None) -> str:
    """The same for what left a centre; orders that are ours by name are ours wherever they leave."""
    if document.location_of(centre_id) is not None:
        return ""
    others = [each for each in sharing(services, document) if not named_apart(document, each)]
    return next((each.connection for each in others if each.location_of(centre_id) is not None), "")


def shares_with(services: Services, document: NetSuiteShipBob, connection: str) -> bool:
    """Whether a connection of this name uses the same accounts."""
    return any(each.connection == connection for each in sharing(services, document))
