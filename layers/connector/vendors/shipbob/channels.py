"""Which channel our orders are written to. The first channel of an account is often a read-only one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from connector.faults import ConfigurationFault
from connector.instants import epoch_seconds, instant_text
from connector.ports import Item
from connector.services import Services
from vendors.shipbob.shapes import Channel

WRITE_SCOPE = "orders_write"
REMEMBER = timedelta(hours=24)


def choose_channel(
    connection: str, channels: Sequence[Channel], wanted: int | str | None, scope: str = WRITE_SCOPE
) -> Channel:
    """The channel to write to: the only one with the scope, or the configured one (id, or application_name).

    Raises ConfigurationFault that lists what there is, so that a person can fill in `systems.shipbob.channel`.
    """
    able = [channel for channel in channels if scope in channel.scopes]
    if not able:
        raise ConfigurationFault(
            connection,
            f"no ShipBob channel has the scope {scope} (found: {_names(channels)}). Use a token with write access: "
            "make a new personal access token, or authorize the app again with this scope.",
        )
    fitting = able if wanted is None else [channel for channel in able if _is(channel, wanted)]
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        raise ConfigurationFault(
            connection,
            f"the configured ShipBob channel {wanted!r} is not among those with the scope {scope}: {_names(able)}. "
            "Correct systems.shipbob.channel.",
        )
    raise ConfigurationFault(
        connection,
        f"several ShipBob channels have the scope {scope}: {_names(fitting)}. "
        "Set systems.shipbob.channel to the id of one.",
    )


def _is(channel: Channel, wanted: int | str) -> bool:
    text = str(wanted).strip()
    return text == str(channel.channel_id) or text == channel.application_name


def _names(channels: Sequence[Channel]) -> str:
    return ", ".join(f"{channel.channel_id} ({channel.application_name})" for channel in channels) or "none"


def remembered_channel(
    services: Services, connection: str, wanted: int | str | None, read: Callable[[], Sequence[Channel]]
) -> Callable[[], int]:
    """A function that answers the write channel's id, at the cost of one vendor call a day for all workers.

    Kept in the state table, pk `channel/<connection>`, sk `-`, with the setting it was chosen by.
    """

    def look_up() -> int:
        now, key = services.clock(), ("shipbob channel", connection, str(wanted))
        known: tuple[int, str] | None = services.memory.get(key)
        if known is None or known[1] <= instant_text(now):
            known = _stored(services, connection, wanted) or _asked(services, connection, wanted, read)
            services.memory[key] = known
        return known[0]

    return look_up


def forget_channel(services: Services, connection: str) -> None:
    """Makes the next write ask ShipBob again: for use after a token or app was replaced."""
    services.tables.delete("state", f"channel/{connection}", "-")
    for key in [key for key in services.memory if key[:2] == ("shipbob channel", connection)]:
        del services.memory[key]


def _stored(services: Services, connection: str, wanted: int | str | None) -> tuple[int, str] | None:
    item = services.tables.get("state", f"channel/{connection}", "-")
    if item is None or item["wanted"] != str(wanted) or str(item["until"]) <= instant_text(services.clock()):
        return None
    return int(item["channel_id"]), str(item["until"])


def _asked(
    services: Services, connection: str, wanted: int | str | None, read: Callable[[], Sequence[Channel]]
) -> tuple[int, str]:
    channel = choose_channel(connection, read(), wanted)
    until = services.clock() + REMEMBER
    item: Item = {
        "pk": f"channel/{connection}",
        "sk": "-",
        "channel_id": channel.channel_id,
        "wanted": str(wanted),
        "until": instant_text(until),
        "expires_at": epoch_seconds(until),
    }
    services.tables.put("state", item)
    return channel.channel_id, instant_text(until)
