"""Policies and behaviours: what the administrator decided, what a caller may change, and what GP ignores.

Ids are those of the Web Service Reference where it gives them; the others are invented and say so by their shape.
Internal behaviours can be changed by the administrator alone: a caller's wish is passed over in silence.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from local.simulators.dynamics_gp.operations import OPERATIONS
from local.simulators.dynamics_gp.problems import Invalid, Problem, not_found
from local.simulators.dynamics_gp.world import World

_INVENTED = uuid.UUID("00000000-0000-0000-0000-0000000000b0")
UNIT_PRICE = "2e873316-fee1-460e-8da1-12167013401b"
TOTAL_AMOUNT = "41233b06-db1a-4050-b4af-207eb2c908b3"
SHORTAGE = str(uuid.uuid5(_INVENTED, "Quantity Shortage Behavior"))
SELL_BALANCE, OVERRIDE, BACK_ORDER_ALL, BACK_ORDER_BALANCE, CANCEL_ALL, CANCEL_BALANCE = range(1, 7)

POLICY_IDS = {
    "CreateSalesOrder": "4d060bdc-fa1e-4ea1-9e89-e1d19a5cb2ce",
    "UpdateSalesOrder": "150401c6-7467-4853-9146-236fc5fa7bf8",
    "UpdateSalesFulfillmentOrder": "5c725f07-6b2f-44ea-84e2-cc50dcded5e0",
    "CreateSalesReturn": "07f575f9-c6c3-424c-8162-19ab5b4af372",
    "CreateInventoryTransfer": "deb66f76-317a-48b3-9491-bfe234e1fee7",
}


@dataclass(frozen=True)
class Behavior:
    """One behaviour of a policy: its options by number, the default, whether only the administrator may choose."""

    id: str
    name: str
    internal: bool
    options: tuple[tuple[int, str], ...]
    default: int


_SALES = (
    Behavior(UNIT_PRICE, "Calculate Unit Price Behavior", True, ((0, "Do Not Calculate"), (1, "Calculate")), 1),
    Behavior(TOTAL_AMOUNT, "Calculate Total Amount Behavior", True, ((0, "Do Not Calculate"), (1, "Calculate")), 1),
    Behavior(
        "67e5073d-b69e-4526-8079-1a691d475c48",
        "Bin Quantity Shortage Behavior",
        False,
        ((0, "Do Not Override"), (1, "Override Bin")),
        1,
    ),
    Behavior(
        "2e58b57c-8fe1-4e98-bf04-371621f8e8b7",
        "Include Promotions Behavior",
        False,
        ((0, "Do Not Include"), (1, "Include")),
        0,
    ),
    Behavior(
        "5855c79b-17a8-43b6-ab4f-db52e64fd0bd", "Create Batch", True, ((1, "Hourly"), (2, "Daily"), (3, "Weekly")), 1
    ),
)
_SHORTAGES = (
    (SELL_BALANCE, "Sell Balance"),
    (OVERRIDE, "Override Shortage"),
    (BACK_ORDER_ALL, "Back Order All"),
    (BACK_ORDER_BALANCE, "Back Order Balance"),
    (CANCEL_ALL, "Cancel All"),
    (CANCEL_BALANCE, "Cancel Balance"),
)
_ORDERS = (Behavior(SHORTAGE, "Quantity Shortage Behavior", False, _SHORTAGES, BACK_ORDER_BALANCE),)


def behaviors(operation: str) -> tuple[Behavior, ...]:
    """The behaviours that the simulator models for an operation."""
    if operation in ("CreateSalesOrder", "UpdateSalesOrder"):
        return (*_SALES, *_ORDERS)
    return _SALES if operation.startswith(("CreateSales", "UpdateSales")) else ()


def policy_id(operation: str) -> str:
    """The default policy's GUID."""
    return POLICY_IDS.get(operation, str(uuid.uuid5(_INVENTED, operation)))


def chosen(world: World, operation: str, behavior: Behavior) -> int:
    """What the administrator chose, or the default."""
    return world.options.get((operation, behavior.id), behavior.default)


def _option(policy: str, behavior: Behavior, number: int, name: str) -> dict[str, Any]:
    key = {"BehaviorKey": {"PolicyKey": {"Id": policy}, "Id": behavior.id}, "Id": number}
    return {"Key": key, "Name": name}


def _behavior(world: World, operation: str, behavior: Behavior) -> dict[str, Any]:
    policy = policy_id(operation)
    selected = chosen(world, operation, behavior)
    return {
        "Key": {"PolicyKey": {"Id": policy}, "Id": behavior.id},
        "Name": behavior.name,
        "Internal": behavior.internal,
        "Options": [_option(policy, behavior, number, name) for number, name in behavior.options],
        "SelectedOption": _option(policy, behavior, selected, dict(behavior.options)[selected]),
    }


def by_operation(world: World, operation: str) -> dict[str, Any]:
    """GetPolicyByOperation: the policy of a write, behaviours and selected options included."""
    if operation not in OPERATIONS or not OPERATIONS[operation].writes:
        raise not_found()
    words = "".join(f" {letter}" if letter.isupper() else letter for letter in operation).strip()
    root = operation.removeprefix("Create").removeprefix("Update").removeprefix("Void").removeprefix("Delete")
    return {
        "Key": {"Id": policy_id(operation)},
        "Behaviors": [_behavior(world, operation, behavior) for behavior in behaviors(operation)],
        "Name": words,
        "RootBusinessObjectName": f"Microsoft.Dynamics.GP.{root}",
    }


def by_key(world: World, guid: str) -> dict[str, Any]:
    """GetPolicyByKey."""
    found = next((name for name in OPERATIONS if OPERATIONS[name].writes and policy_id(name) == guid), None)
    if found is None:
        raise not_found()
    return by_operation(world, found)


def resolve(world: World, operation: str, sent: dict[str, Any]) -> dict[str, int]:
    """The options that count for this call, by behaviour id: external ones as sent, internal ones as administered."""
    guid = sent.get("Key", {}).get("Id")
    if guid != policy_id(operation):
        raise Invalid(Problem("Policy", ("Key",), f"The policy {guid} is not a policy of {operation}.", "Policy.Key"))
    known = {behavior.id: behavior for behavior in behaviors(operation)}
    options = {behavior.id: chosen(world, operation, behavior) for behavior in known.values()}
    for each in sent.get("Behaviors", ()):
        behavior = known.get(each.get("Key", {}).get("Id", ""))
        wanted = each.get("SelectedOption", {}).get("Key", {}).get("Id")
        if behavior is None or wanted is None:
            continue
        if wanted not in dict(behavior.options):
            text = f"{behavior.name} has no option {wanted}."
            raise Invalid(Problem("Policy", ("Behaviors",), text, "Policy.Option"))
        if not behavior.internal:
            options[behavior.id] = wanted
        elif wanted != options[behavior.id]:
            world.ignored.append(f"{operation}: {behavior.name} is the administrator's, option {wanted} ignored")
    return options
