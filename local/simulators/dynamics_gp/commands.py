"""Everything that people do in the GP client or the administrator's console: name to act."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from local.simulators.dynamics_gp import people, posting, setup
from local.simulators.dynamics_gp.world import World

Command = Callable[[World, dict[str, Any]], Any]

COMMANDS: dict[str, Command] = {
    "seed_fabrikam": setup.seed_fabrikam,
    "add_item": setup.add_item,
    "change_item": setup.change_item,
    "add_site": setup.add_site,
    "add_customer": setup.add_customer,
    "add_shipping_method": setup.add_shipping_method,
    "add_document_type": setup.add_document_type,
    "set_policy": setup.set_policy,
    "deny": setup.deny,
    "new_order": people.new_order,
    "edit": people.edit,
    "allocate": people.allocate,
    "fulfill": people.fulfill,
    "open": people.open_document,
    "close": people.close_document,
    "print": people.print_document,
    "void": people.void,
    "delete": people.delete,
    "poison": people.poison,
    "transfer": posting.transfer,
    "post": posting.post,
    "convert_fulfillment": posting.convert_fulfillment,
    "enter_inventory": posting.enter_inventory,
    "post_inventory": posting.post_inventory,
    "post_batch": posting.post_batch,
    "move_stock": posting.move_stock,
}
