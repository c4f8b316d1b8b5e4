"""Companies, customers, sites, shipping methods and batches: small cards that orders point to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local.simulators.dynamics_gp.amounts import ZERO, money, value_of
from local.simulators.dynamics_gp.criteria import select
from local.simulators.dynamics_gp.problems import not_found
from local.simulators.dynamics_gp.records import WORK, Customer, Site
from local.simulators.dynamics_gp.sales_totals import INVENTORY_BATCHES, SALES_BATCHES
from local.simulators.dynamics_gp.values import NO_DATE
from local.simulators.dynamics_gp.world import World


def company(world: World) -> dict[str, Any]:
    """The company that is open to the web service."""
    return {"Key": {"Id": world.company_id}, "Name": world.company}


def company_get(world: World, key: Mapping[str, Any]) -> dict[str, Any]:
    """GetCompanyByKey."""
    if key.get("Id") != world.company_id:
        raise not_found()
    return company(world)


def company_list(world: World, criteria: Mapping[str, Any]) -> list[dict[str, Any]]:
    """GetCompanyList."""
    values = {
        "Id": lambda row: row["Key"]["Id"],
        "Name": lambda row: row["Name"],
        "CreatedDate": lambda row: None,
        "ModifiedDate": lambda row: None,
    }
    return select([company(world)], criteria, values)


def customer_get(world: World, key: Mapping[str, Any]) -> dict[str, Any]:
    """GetCustomerByKey."""
    customer = world.customers.get(key.get("Id", ""))
    if customer is None:
        raise not_found()
    return {
        "Key": {"Id": customer.id},
        "IsOnHold": customer.on_hold,
        "IsActive": customer.active,
        "Name": customer.name,
        "PostResultsTo": "Receivables/Discount Account",
        **_dates(customer),
    }


def _dates(customer: Customer) -> dict[str, Any]:
    return {
        "CreatedDate": customer.created,
        "ModifiedDate": customer.modified,
        "LastModifiedDate": customer.modified,
    }


_CUSTOMER_CRITERIA = {
    "Id": lambda customer: customer.id,
    "Name": lambda customer: customer.name,
    "IsActive": lambda customer: customer.active,
    "IsOnHold": lambda customer: customer.on_hold,
    **{
        name: (lambda customer: None)
        for name in ("SalespersonId", "ClassId", "CorporateAccountId", "State", "PhoneNumber")
    },
    "CreatedDate": lambda customer: customer.created,
    "ModifiedDate": lambda customer: customer.modified,
    "LastModifiedDate": lambda customer: customer.modified,
}


def customer_list(world: World, criteria: Mapping[str, Any]) -> list[dict[str, Any]]:
    """GetCustomerList."""
    return [
        {
            "Key": {"Id": each.id},
            "Name": each.name,
            "IsActive": each.active,
            "IsOnHold": each.on_hold,
            **_dates(each),
        }
        for each in select(list(world.customers.values()), criteria, _CUSTOMER_CRITERIA)
    ]


def site_get(world: World, key: Mapping[str, Any]) -> dict[str, Any]:
    """GetWarehouseByKey."""
    site = world.sites.get(key.get("Id", ""))
    if site is None:
        raise not_found()
    address = {"City": site.city, "State": site.state, "PostalCode": site.postal_code, "CountryRegion": site.country}
    return {"Key": {"Id": site.id}, "Description": site.description, "Address": address}


def _site_row(site: Site) -> dict[str, Any]:
    row = {"City": site.city, "State": site.state, "PostalCode": site.postal_code, "CountryRegion": site.country}
    return {
        "Key": {"Id": site.id},
        "Description": site.description,
        **{name: value for name, value in row.items() if value},
    }


def site_list(world: World, criteria: Mapping[str, Any]) -> list[dict[str, Any]]:
    """GetWarehouseList."""
    values = {
        "WarehouseId": lambda site: site.id,
        "Description": lambda site: site.description,
        "AddressLine1": lambda site: None,
        "City": lambda site: site.city,
        "State": lambda site: site.state,
        "PostalCode": lambda site: site.postal_code,
        "CountryRegion": lambda site: site.country,
    }
    return [_site_row(site) for site in select(list(world.sites.values()), criteria, values)]


def method_get(world: World, key: Mapping[str, Any]) -> dict[str, Any]:
    """GetShippingMethodByKey."""
    description = world.shipping_methods.get(key.get("Id", ""))
    if description is None:
        raise not_found()
    return {"Key": {"Id": key["Id"]}, "Description": description, "Type": "Delivery"}


def method_list(world: World, criteria: Mapping[str, Any]) -> list[dict[str, Any]]:
    """GetShippingMethodList."""
    values = {"Id": lambda row: row[0], "CreatedDate": lambda row: None, "ModifiedDate": lambda row: None}
    found = select(list(world.shipping_methods.items()), criteria, values)
    return [{"Key": {"Id": name}, "Description": text, "Type": "Delivery"} for name, text in found]


def batches(world: World) -> list[dict[str, Any]]:
    """The batches that hold documents in Work: a batch exists as long as there is something to post in it."""
    found: dict[tuple[str, str], list[Any]] = {}
    for document in world.sales.values():
        if document.state == WORK:
            found.setdefault((SALES_BATCHES, document.fields["BatchKey"]["Id"]), []).append(document)
    for inventory in world.inventory.values():
        if inventory.state == WORK:
            found.setdefault((INVENTORY_BATCHES, inventory.fields["BatchKey"]["Id"]), []).append(inventory)
    return [
        {
            "Key": {"Source": source, "Id": name, "CreatedDateTime": NO_DATE},
            "NumberOfTransactions": len(held),
            "Total": money(sum((value_of(each.fields.get("TotalAmount")) for each in held), ZERO), "USD"),
        }
        for (source, name), held in found.items()
    ]


def batch_get(world: World, key: Mapping[str, Any]) -> dict[str, Any]:
    """GetBatchByKey: by source and id."""
    wanted = (key.get("Source", ""), key.get("Id", ""))
    found = next((each for each in batches(world) if (each["Key"]["Source"], each["Key"]["Id"]) == wanted), None)
    if found is None:
        raise not_found()
    return found


def batch_list(world: World, criteria: Mapping[str, Any]) -> list[dict[str, Any]]:
    """GetBatchList."""
    values = {"Id": lambda row: row["Key"]["Id"], "Source": lambda row: row["Key"]["Source"]}
    return select(batches(world), criteria, values)
