"""Stores, carriers with their services, warehouses, tags and users: what an account has from its set-up."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from local.simulators.base import Reply, json_reply
from local.simulators.shipstation import pacific
from local.simulators.shipstation.asked import Asked
from local.simulators.shipstation.problems import model_state
from local.simulators.shipstation.records import Store
from local.simulators.shipstation.world import World

ACUMATICA_MARKETPLACE = 115
USER_ID = "123456ab-ab12-3c4d-5e67-89f1abc1defa"
MANUAL_STORE, OUR_STORE = 22766, 12345
CARRIERS = (
    ("Stamps.com", "stamps_com", "SS123", True, 24.14, 8411),
    ("UPS", "ups", "ABCR80", False, 0, 8412),
    ("UPS by ShipStation", "ups_walleted", "W12", True, 80.5, 8413),
    ("FedEx", "fedex", "297929999", False, 0, 8414),
    ("FedEx", "fedex", "297930000", False, 0, 8415),  # the same code can occur twice
    ("DHL Express", "dhl_express_worldwide", "D77", False, 0, 8416),
)
SERVICES = {
    "stamps_com": {
        "usps_first_class_mail": ("USPS First Class Mail", True, False),
        "usps_priority_mail": ("USPS Priority Mail", True, False),
        "usps_priority_mail_international": ("USPS Priority Mail Intl", False, True),
    },
    "ups": {
        "ups_ground": ("UPS Ground", True, False),
        "ups_2nd_day_air": ("UPS 2nd Day Air", True, False),
        "ups_worldwide_saver": ("UPS Worldwide Saver", False, True),
    },
    "ups_walleted": {"ups_ground": ("UPS Ground", True, False)},
    "fedex": {
        "fedex_ground": ("FedEx Ground", True, False),
        "fedex_2day": ("FedEx 2Day", True, False),
        "fedex_home_delivery": ("FedEx Home Delivery", True, False),
    },
    "dhl_express_worldwide": {"dhl_express_worldwide": ("DHL Express Worldwide", False, True)},
}
PACKAGES = {"package": "Package", "large_envelope": "Large Envelope or Flat"}
DISPLAY = {"stamps_com": "USPS", "usps": "USPS", "ups": "UPS", "ups_walleted": "UPS", "fedex": "FedEx"}
ORIGIN = {
    "name": "Spring warehouse",
    "company": "",
    "street1": "123 S Spring Rd",
    "street2": "",
    "street3": "",
    "city": "Elmhurst",
    "state": "IL",
    "postalCode": "60126",
    "country": "US",
    "phone": "5121112222",
    "residential": False,
}
WAREHOUSES = {17977: ("Main warehouse", True), 14265: ("Austin", False)}
SET_UP = datetime.fromisoformat("2024-07-25T18:05:55.307+00:00")


def seed(world: World) -> None:
    """The stores and tags of a fresh account: a manual store of old, and one that was made for orders by API."""
    for store_id, name in ((MANUAL_STORE, "ShipStation Manual Store"), (OUR_STORE, "Acumatica orders")):
        world.stores[store_id] = Store(store_id, name, 0, "ShipStation", SET_UP)
    world.tags.update({1234: "Expedited", 9180: "Fragile"})


def stores(world: World, asked: Asked) -> Reply:
    """GET /stores: a bare array; inactive ones on request."""
    marketplace = asked.query.get("marketplaceId")
    shown = [
        _store(each)
        for each in world.stores.values()
        if (each.active or asked.query.get("showInactive"))
        and (marketplace is None or each.marketplace_id == marketplace)
    ]
    return json_reply(200, shown)


def _store(store: Store) -> dict[str, Any]:
    made = pacific.short_text(store.created)
    return {
        "storeId": store.id,
        "storeName": store.name,
        "marketplaceId": store.marketplace_id,
        "marketplaceName": store.marketplace,
        "accountName": None,
        "email": None,
        "integrationUrl": None,
        "active": store.active,
        "companyName": "",
        "phone": "",
        "publicEmail": "",
        "website": "",
        # UTC for channels, Pacific for manual stores: not to be used.
        "refreshDate": pacific.utc_text(store.created).rstrip("Z") if store.marketplace_id else made,
        "lastRefreshAttempt": made,
        "createDate": made,
        "modifyDate": made,
        "autoRefresh": store.marketplace_id != 0,
    }


def carriers(world: World, asked: Asked) -> Reply:
    """GET /carriers: a bare array in which a code can occur twice."""
    names = ("name", "code", "accountNumber", "requiresFundedAccount", "balance", "shippingProviderId")
    rows = [dict(zip(names, each, strict=True)) for each in CARRIERS]
    return json_reply(200, [{**row, "nickname": None, "primary": row["shippingProviderId"] != 8415} for row in rows])


def services(world: World, asked: Asked) -> Reply:
    """GET /carriers/listservices?carrierCode=."""
    code = _carrier(asked)
    rows = [
        {"carrierCode": code, "code": service, "name": name, "domestic": domestic, "international": abroad}
        for service, (name, domestic, abroad) in SERVICES[code].items()
    ]
    return json_reply(200, rows)


def packages(world: World, asked: Asked) -> Reply:
    """GET /carriers/listpackages?carrierCode=."""
    code = _carrier(asked)
    rows = [
        {"carrierCode": code, "code": package, "name": name, "domestic": True, "international": True}
        for package, name in PACKAGES.items()
    ]
    return json_reply(200, rows)


def _carrier(asked: Asked) -> str:
    code = str(asked.query.get("carrierCode") or "")
    if code not in SERVICES:
        raise model_state({"request.carrierCode": [f"Unknown carrier '{code}'."]})
    return code


def warehouses(world: World, asked: Asked) -> Reply:
    """GET /warehouses: addresses to ship from, no stock."""
    rows = [
        {
            "warehouseId": number,
            "warehouseName": name,
            "originAddress": ORIGIN,
            "returnAddress": ORIGIN,
            "createDate": pacific.long_text(SET_UP),
            "isDefault": default,
        }
        for number, (name, default) in WAREHOUSES.items()
    ]
    return json_reply(200, rows)


def tags(world: World, asked: Asked) -> Reply:
    """GET /accounts/listtags."""
    rows = [{"tagId": number, "name": name, "color": "#FFFFFF"} for number, name in world.tags.items()]
    return json_reply(200, rows)


def users(world: World, asked: Asked) -> Reply:
    """GET /users."""
    return json_reply(200, [{"userId": USER_ID, "userName": "packer@example.com", "name": "Pat Packer"}])
