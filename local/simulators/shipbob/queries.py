"""The query parameters of every list, each with its reader. A reader turns text into a value or raises ValueError.

ShipBob ignores what it does not know, so a misspelt filter answers unfiltered rows: the strict option refuses it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from local.simulators.base import Request
from local.simulators.checks import Finding
from local.simulators.shipbob.formats import read_moment
from local.simulators.shipbob.validation import INT32

Reader = Callable[[str], Any]


@dataclass(frozen=True)
class Parameter:
    """One query parameter. `listed`: comma separated in one value; `repeated`: the name may come several times."""

    read: Reader
    listed: bool = False
    repeated: bool = False


def whole(lowest: int = 0, highest: int = INT32) -> Reader:
    """Plain digits within the limits."""

    def read(value: str) -> int:
        if not value.isascii() or not value.isdigit() or not lowest <= int(value) <= highest:
            raise ValueError(f"must be a whole number from {lowest} to {highest}, not {value!r}")
        return int(value)

    return read


def words(*choices: str) -> Reader:
    """One of the choices, letter case included."""

    def read(value: str) -> str:
        if value not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}, not {value!r}")
        return value

    return read


def flag(value: str) -> bool:
    """true or false."""
    if value.lower() not in ("true", "false"):
        raise ValueError(f"must be true or false, not {value!r}")
    return value.lower() == "true"


def free(value: str) -> str:
    """Any text that is not empty."""
    if not value.strip():
        raise ValueError("must not be empty")
    return value


def moment(value: str) -> datetime:
    """A date-time with an offset. A `+` that was not percent-encoded arrives as a space and is refused."""
    return read_moment(value)


def one(read: Reader) -> Parameter:
    return Parameter(read)


def many(read: Reader) -> Parameter:
    return Parameter(read, listed=True)


PAGE = {"Page": one(whole(1)), "Limit": one(whole(1, 250))}
SHIPPING_METHODS = {"Page": one(whole(0)), "Limit": one(whole(1, 250))}
ORDERS = {
    **PAGE,
    "IDs": many(whole(1)),
    "ReferenceIds": many(free),
    **{
        f"{stem}{side}Date": one(moment)
        for stem in ("", "LastUpdate", "LastTrackingUpdate")
        for side in ("Start", "End")
    },
    "HasTracking": one(flag),
    "IsTrackingUploaded": one(flag),
    "SortOrder": one(words("Newest", "Oldest")),
}
RECEIVING_STATUSES = [
    "Awaiting",
    "Processing",
    "Completed",
    "Cancelled",
    "Incomplete",
    "Arrived",
    "PartiallyArrived",
    "PartiallyArrivedAtHub",
    "ArrivedAtHub",
    "ProcessingAtHub",
    "InternalTransfer",
]
RECEIVING = {
    **PAGE,
    "IDs": many(whole(1)),
    "Statuses": many(words(*RECEIVING_STATUSES)),
    **{f"{stem}{side}Date": one(moment) for stem in ("Insert", "Completed") for side in ("Start", "End")},
    "FulfillmentCenterIds": many(whole(1)),
    "PurchaseOrderNumbers": many(free),
    "ExternalSync": one(flag),
}
RETURNS = {
    "Cursor": one(whole(1)),
    "Limit": one(whole(1, 250)),
    "Ids": many(whole(1)),
    "ReferenceIds": many(free),
    "Status": many(words("AwaitingArrival", "Arrived", "Processing", "Completed", "Cancelled")),
    "FulfillmentCenterIds": many(whole(1)),
    "TrackingNumbers": many(free),
    "OriginalShipmentIds": many(whole(1)),
    "InventoryIds": many(whole(1)),
    **{f"{stem}{side}Date": one(moment) for stem in ("", "Completed") for side in ("Start", "End")},
    "ReturnTypes": many(words("Regular", "ReturnToSender")),
    "ReturnActions": many(words("Default", "Restock", "Quarantine", "Dispose")),
    "StoreOrderIds": many(free),
    "Sortby": one(free),
    "SortOrder": one(words("Asc", "Desc")),
}
CURSOR_PAGE = {"PageSize": one(whole(1, 250)), "cursor": one(free)}
_product_texts = [
    "Search",
    "Barcode",
    "CategoryIds",
    "ChannelIds",
    "HasDigitalVariants",
    "HasVariants",
    "IsInventorySyncEnabled",
    "LegacyIds",
    "Name",
    "OnHand",
    "PlatformIds",
    "ProductType",
    "ReviewsPending",
    "SalesChannel",
    "SellerSKU",
    "SKU",
    "TaxonomyIds",
]
PRODUCTS = {
    **CURSOR_PAGE,
    **{name: one(free) for name in _product_texts},
    "Barcodes": many(free),
    "InventoryId": one(whole(1)),
    "ProductId": one(whole(1)),
    "VariantId": one(whole(1)),
    "LastUpdatedTimestamp": one(moment),
    "VariantStatus": one(words("Active", "Inactive", "0", "1")),
    "SortBy": one(words("Id", "Name", "Category", "TotalOnHandQty")),
    "SortOrder": one(words("ASC", "DESC")),
}
_inventory_common = {
    **CURSOR_PAGE,
    "SearchBy": one(free),
    "InventoryIds": many(whole(1)),
    "IsActive": one(flag),
    "IsDigital": one(flag),
    "SortBy": one(free),
}
INVENTORY = {**_inventory_common, "FilterOperations": one(free)}
INVENTORY_LEVEL = _inventory_common
INVENTORY_LOTS = {**_inventory_common, "LocationId": one(whole(1))}
INVENTORY_LOCATIONS = {**INVENTORY_LOTS, "LocationType": one(free)}
HISTORY = {"cursor": one(whole(0))}
LOCATIONS = {name: one(flag) for name in ("IncludeInactive", "ReceivingEnabled", "AccessGranted")}
CHANNELS = {"RecordsPerPage": one(whole(1)), "Cursor": one(free)}
WEBHOOKS = {"RecordsPerPage": one(whole(1, 250)), "Cursor": one(free)}
INVOICE_FILTER_TYPES = ("Shipping", "WarehouseStorage", "Inbound Fee", "Return", "AdditionalFee", "Credits")
_billing_page = {
    "Cursor": one(free),
    "PageSize": one(whole(1, 1000)),
    "SortOrder": one(words("Ascending", "Descending")),
}
INVOICES = {
    **_billing_page,
    "FromDate": one(moment),
    "ToDate": one(moment),
    "InvoiceTypes": Parameter(words(*INVOICE_FILTER_TYPES), listed=True, repeated=True),
}
INVOICE_ROWS = _billing_page
TRANSACTIONS = {"Cursor": one(free)}
SHIPMENTS_TRACKING = {"ShipmentIds": Parameter(whole(1), repeated=True)}
TRACKING = {"TrackingIds": Parameter(free, repeated=True)}

Parameters = Mapping[str, Parameter]


def _raw_has_escaped_comma(request: Request, name: str) -> bool:
    return any(part.split("=", 1)[0] == name and "%2C" in part.upper() for part in request.query.split("&"))


def read_query(request: Request, known: Parameters) -> tuple[dict[str, Any], list[Finding]]:
    """The values by their declared names (lists as lists), and what is wrong. `cursor` is known in any letter case."""
    values: dict[str, Any] = {}
    findings: list[Finding] = []
    spelled = {name.lower(): name for name in known if name.lower() == "cursor"}
    for given, raw in request.parameters():
        name = spelled.get(given.lower(), given)
        parameter = known.get(name)
        if parameter is None:
            findings.append(
                Finding(given, f"'{given}' is no query parameter of this endpoint; ShipBob would ignore it.", "unknown")
            )
            continue
        if parameter.listed and _raw_has_escaped_comma(request, given):
            findings.append(Finding(given, "send the comma between several values unescaped.", "unknown"))
        if name in values and not parameter.repeated:
            findings.append(Finding(given, f"'{given}' may be given only once.", "unknown"))
        parts = raw.split(",") if parameter.listed else [raw]
        try:
            read = [parameter.read(part) for part in parts]
        except ValueError as error:
            findings.append(Finding(given, f"The value of '{given}' is not valid: {error}.", "rule"))
            continue
        if parameter.listed or parameter.repeated:
            values.setdefault(name, []).extend(read)
        else:
            values[name] = read[0]
    return values, findings
