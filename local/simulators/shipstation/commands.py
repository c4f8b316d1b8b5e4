"""The acts that have no API, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from local.simulators.shipstation import staff
from local.simulators.shipstation.world import World

Command = Callable[[World, dict[str, Any]], Any]

COMMANDS: dict[str, Command] = {
    act.__name__: act
    for act in (
        staff.buy_label,
        staff.buy_batch,
        staff.return_label,
        staff.void_label,
        staff.refuse_void,
        staff.mark_as_shipped,
        staff.send_to_provider,
        staff.provider_ships,
        staff.provider_rejects,
        staff.void_fulfillment,
        staff.edit_order,
        staff.edit_item,
        staff.split_order,
        staff.merge_orders,
        staff.set_status,
        staff.poison,
        staff.seed_product,
        staff.activate_acumatica_channel,
        staff.channel_import,
        staff.deactivate_webhook,
        staff.rotate_webhook_key,
    )
}
