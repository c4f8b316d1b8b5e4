"""What records wait for that is no key of a mapping table: how people say it, and what brings it about."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from connector.outcome import Missing

_OCCASION = re.compile(r"[@|].*", re.DOTALL)
"""Behind the document that is waited for: its version, or the other side's number. Of use to the sweeper alone."""


@dataclass(frozen=True)
class Awaited:
    """`words` stand behind "waits for", `advice` is a sentence; `{value}` in both is what is waited for."""

    words: str
    advice: str


AWAITED: Mapping[str, Awaited] = {
    "shipbob item": Awaited(
        "shipbob item {value}",
        "create the product {value} at ShipBob, or merge those that share this SKU; it is looked for every ten minutes",
    ),
    "netsuite item": Awaited(
        "netsuite item {value}",
        "create or correct the item {value} in NetSuite (stocked, one of that name, seen by the role); it is looked "
        "for every ten minutes",
    ),
    "gp item": Awaited(
        "gp item {value}",
        "name the GP item {value} in a row of tables.items, then: ml-connector connections apply FILE",
    ),
    "sales order": Awaited(
        "sales order {value}",
        "enter the sales order {value} in NetSuite, or let the role see it; it is looked for every ten minutes",
    ),
    "purchase order change": Awaited(
        "a change of purchase order {value} in NetSuite",
        "change the purchase order in NetSuite, it continues by itself; or adjust by hand and close the record",
    ),
    "centres": Awaited(
        "a location for fulfilment centre {value}",
        "map a NetSuite location to centre {value} in tables.locations, then: ml-connector connections apply FILE",
    ),
    "dispositions": Awaited(
        "disposition {value}",
        "name {value} in settings.returns.dispositions, then: ml-connector connections apply FILE",
    ),
    "service": Awaited(
        "a UPS service for {value}",
        "give the row of the Ship Via in tables.services an entry for that lane (international, or the country), then: "
        "ml-connector connections apply FILE",
    ),
    "sent order": Awaited(
        "order {value} to be sent", "it continues when that order is; why it is not yet: ml-connector explain {number}"
    ),
    "order change": Awaited(
        "a change of order {value} in Acumatica", "take the order off hold in Acumatica: it continues by itself"
    ),
    "new label": Awaited(
        "another label for order {value}",
        "make another label for the same units, it ends by itself; else correct the shipment in Acumatica, then replay",
    ),
    "free units": Awaited(
        "units of order {value} to be free",
        "void the other parcel's label, it continues by itself; else correct one side, then replay",
    ),
    "cancellation": Awaited(
        "order {value} to be cancelled on both sides or on none",
        "cancel it in Acumatica too, or restore it at ShipStation: either ends it by itself; else close the record",
    ),
    "release": Awaited(
        "order {value} to be held, or released, on both sides",
        "hold it at ShipStation again, or release it in Acumatica: either ends it by itself",
    ),
}
"""By the kind of the missing key. SKUs (`item`) have a record of their own that tells more."""


def awaited(missing: Missing) -> Awaited | None:
    """What is said of a missing key, its value filled in; None for the kinds that speak for themselves."""
    found = AWAITED.get(missing.kind)
    if found is None:
        return None
    value = _OCCASION.sub("", missing.value)
    return Awaited(
        found.words.format(value=value), found.advice.format(value=value, number=value.rpartition("/")[2])
    )
