"""What a GP administrator sets up by hand: items, sites, customers, document ids, prices, policies, roles."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from local.simulators.dynamics_gp import policies
from local.simulators.dynamics_gp.items import KINDS
from local.simulators.dynamics_gp.operations import OPERATIONS
from local.simulators.dynamics_gp.records import Customer, DocumentType, Item, Site
from local.simulators.dynamics_gp.world import World


def add_item(world: World, arguments: dict[str, Any]) -> str:
    """`number`, `description`; optional `kind`, `unit`, `units` {name: factor}, `decimals`, `price`, `cost`, `weight`,
    `site`, `back_orders`, and `stock` {site: on hand}. A site must exist before stock is put there."""
    unit = arguments.get("unit", "Each")
    units = {unit: Decimal(1), **{name: Decimal(str(each)) for name, each in arguments.get("units", {}).items()}}
    now = world.wire_now()
    item = Item(
        number=arguments["number"],
        description=arguments["description"],
        kind=arguments.get("kind", "Sales Item"),
        unit=unit,
        units=units,
        decimals=int(arguments.get("decimals", 0)),
        price=Decimal(str(arguments.get("price", "0"))),
        cost=Decimal(str(arguments.get("cost", "0"))),
        weight=Decimal(str(arguments.get("weight", "0"))),
        site=arguments.get("site", world.switches.default_site),
        back_orders=bool(arguments.get("back_orders", True)),
        discontinued=False,
        created=now,
        modified=now,
    )
    if item.kind not in KINDS:
        raise ValueError(f"no kind {item.kind!r}; known: {', '.join(KINDS)}")
    world.items.put(item.number, item)
    for site, on_hand in arguments.get("stock", {}).items():
        _existing_site(world, site)
        world.move(item.number, site, on_hand=Decimal(str(on_hand)) - world.held(item.number, site).on_hand)
    return item.number


def change_item(world: World, arguments: dict[str, Any]) -> str:
    """`number`, and `price`, `description`, `discontinued`, `back_orders`: its ModifiedDate moves."""
    item = world.items.get(arguments["number"])
    if item is None:
        raise ValueError(f"no item {arguments['number']!r}")
    changes = {name: value for name, value in arguments.items() if name != "number"}
    if "price" in changes:
        changes["price"] = Decimal(str(changes["price"]))
    world.items.put(item.number, replace(item, **changes, modified=world.wire_now()))
    return item.number


def _existing_site(world: World, site: str) -> None:
    if world.sites.get(site) is None:
        raise ValueError(f"no site {site!r}")


def add_site(world: World, arguments: dict[str, Any]) -> str:
    """`id`, `description`, optional `city`, `state`, `postal_code`, `country`."""
    site = Site(**arguments)
    world.sites.put(site.id, site)
    return site.id


def add_customer(world: World, arguments: dict[str, Any]) -> str:
    """`id`, `name`, optional `site`, `shipping_method`, `active`, `on_hold`. Adding it again replaces it."""
    now = world.wire_now()
    customer = Customer(
        arguments["id"],
        arguments["name"],
        arguments.get("site", ""),
        arguments.get("shipping_method", ""),
        bool(arguments.get("active", True)),
        bool(arguments.get("on_hold", False)),
        now,
        now,
    )
    world.customers.put(customer.id, customer)
    return customer.id


def add_shipping_method(world: World, arguments: dict[str, Any]) -> str:
    """`id`, `description`."""
    world.shipping_methods.put(arguments["id"], arguments["description"])
    return str(arguments["id"])


def add_document_type(world: World, arguments: dict[str, Any]) -> str:
    """`type` (Order, Invoice, Return, Fulfillment Order), `id`, optional `prefix`, `allocates`,
    `separate_fulfillment`, `may_void`, `may_override_numbers`."""
    made = DocumentType(
        arguments["type"],
        arguments["id"],
        arguments.get("prefix", arguments["id"][:6]),
        bool(arguments.get("allocates", arguments["type"] != "Return")),
        bool(arguments.get("separate_fulfillment", True)),
        bool(arguments.get("may_void", True)),
        bool(arguments.get("may_override_numbers", True)),
    )
    world.document_types.put((made.type, made.id), made)
    return made.id


def set_policy(world: World, arguments: dict[str, Any]) -> int:
    """`operation`, `behavior` (its name), `option` (its number): what the administrator chooses."""
    operation, name = arguments["operation"], arguments["behavior"]
    found = next((each for each in policies.behaviors(operation) if each.name == name), None)
    if found is None or arguments["option"] not in dict(found.options):
        raise ValueError(f"{operation} has no behavior {name!r} with option {arguments['option']}")
    world.options[operation, found.id] = int(arguments["option"])
    return int(arguments["option"])


def deny(world: World, arguments: dict[str, Any]) -> list[str]:
    """`operations`: what no role of the service account allows; an empty list allows everything again."""
    unknown = set(arguments["operations"]) - set(OPERATIONS)
    if unknown:
        raise ValueError(f"no operations {', '.join(sorted(unknown))}")
    world.denied = set(arguments["operations"])
    return sorted(world.denied)


def seed_fabrikam(world: World, arguments: dict[str, Any]) -> str:
    """A small company like the sample company Fabrikam: two sites, three items, a customer, the usual document ids."""
    add_site(
        world,
        {"id": "WAREHOUSE", "description": "Main Site", "city": "Chicago", "state": "IL", "postal_code": "60601"},
    )
    add_site(world, {"id": "NORTH", "description": "North Site"})
    for name, text in (("GROUND", "Ground"), ("NEXT DAY", "Next day air"), ("LOCAL DELIVERY", "Own van")):
        add_shipping_method(world, {"id": name, "description": text})
    add_customer(world, {"id": "AARONFIT0001", "name": "Aaron Fitz Electrical", "site": "WAREHOUSE"})
    for type_, name, prefix in (
        ("Order", "STDORD", "ORDST"),
        ("Invoice", "STDINV", "STDINV"),
        ("Return", "RTN", "RTN"),
        ("Fulfillment Order", "FULORD", "FULORD"),
    ):
        add_document_type(world, {"type": type_, "id": name, "prefix": prefix})
    for number, text, price, cost, north in (
        ("ACCS-CRD-12WH", "Phone Cord - 12' White", "9.95", "3.29", 12),
        ("PHON-ATT-53BL", "Cordless-Attractive 5352-Blue", "89.95", "42.50", 0),
        ("ACCS-HDS-1EAR", "Headset - Single Ear", "39.95", "18.05", 40),
    ):
        stock = {"WAREHOUSE": 100, "NORTH": north}
        add_item(world, {"number": number, "description": text, "price": price, "cost": cost, "stock": stock})
    return world.company
