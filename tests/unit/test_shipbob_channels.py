"""Which channel orders are written to, and that finding out costs one call a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from connector.faults import ConfigurationFault
from tests.support.world import World
from vendors.shipbob.channels import choose_channel, forget_channel, remembered_channel
from vendors.shipbob.shapes import Channel

READ_ONLY = Channel(433100, "My Store", "ShopifyApp", frozenset({"orders_read"}))
PAT = Channel(433700, "PAT Channel", "SMA", frozenset({"orders_read", "orders_write"}))
APP = Channel(433800, "ML", "App_1", frozenset({"orders_write"}))
SECOND_PAT = Channel(433701, "PAT Channel", "SMA", frozenset({"orders_write"}))


@pytest.mark.parametrize(
    ("channels", "wanted", "chosen"),
    [
        ([READ_ONLY, PAT], None, 433700),
        ([READ_ONLY, PAT, APP], 433800, 433800),
        ([READ_ONLY, PAT, APP], "433800", 433800),
        ([READ_ONLY, PAT, APP], "App_1", 433800),
        ([PAT], 433700, 433700),
    ],
)
def test_the_channel_that_may_write(channels: list[Channel], wanted: int | str | None, chosen: int) -> None:
    assert choose_channel("demo", channels, wanted).channel_id == chosen


@pytest.mark.parametrize(
    ("channels", "wanted", "text"),
    [
        ([], None, r"no ShipBob channel has the scope orders_write \(found: none\)"),
        ([READ_ONLY], None, r"found: 433100 \(ShopifyApp\)"),
        ([READ_ONLY], 433100, "no ShipBob channel has the scope"),
        ([PAT, APP], None, r"several ShipBob channels .*433700 \(SMA\), 433800 \(App_1\)"),
        ([PAT, SECOND_PAT], "SMA", r"several ShipBob channels .*433700 \(SMA\), 433701 \(SMA\)"),
        ([READ_ONLY, PAT], 433100, r"433100 is not among those .*433700 \(SMA\)"),
        ([PAT], "Nobody", "'Nobody' is not among those"),
        ([PAT], "sma", "'sma' is not among those"),
    ],
)
def test_doubt_is_a_configuration_fault(channels: list[Channel], wanted: int | str | None, text: str) -> None:
    with pytest.raises(ConfigurationFault, match=text):
        choose_channel("demo", channels, wanted)


class Account:
    """Counts how often the channels are asked for."""

    def __init__(self, *channels: Channel) -> None:
        self.channels = channels
        self.calls = 0

    def __call__(self) -> Sequence[Channel]:
        self.calls += 1
        return self.channels


def cold(world: World) -> None:
    """A new process: the memory is gone, the stores are not."""
    world.services.memory.clear()


def test_one_call_a_day_for_all_workers(world: World) -> None:
    account = Account(READ_ONLY, PAT)
    for _ in range(3):
        look_up = remembered_channel(world.services, "demo", None, account)
        assert (look_up(), look_up()) == (433700, 433700)
        cold(world)
    assert account.calls == 1
    world.clock.advance(timedelta(hours=23, minutes=59))
    assert look_up() == 433700
    assert account.calls == 1
    world.clock.advance(timedelta(minutes=2))
    assert look_up() == 433700
    assert account.calls == 2


def test_a_warm_process_also_looks_again_after_a_day(world: World) -> None:
    account = Account(PAT)
    look_up = remembered_channel(world.services, "demo", None, account)
    look_up()
    account.channels = (APP,)
    world.clock.advance(timedelta(hours=25))
    assert look_up() == 433800


def test_another_setting_asks_again(world: World) -> None:
    account = Account(PAT, APP)
    assert remembered_channel(world.services, "demo", 433700, account)() == 433700
    assert remembered_channel(world.services, "demo", "App_1", account)() == 433800
    assert remembered_channel(world.services, "other", 433700, account)() == 433700
    assert account.calls == 3


def test_a_doubt_is_not_remembered(world: World) -> None:
    account = Account(READ_ONLY)
    look_up = remembered_channel(world.services, "demo", None, account)
    with pytest.raises(ConfigurationFault):
        look_up()
    account.channels = (PAT,)
    assert look_up() == 433700


def test_forgetting(world: World) -> None:
    account = Account(PAT)
    look_up = remembered_channel(world.services, "demo", None, account)
    look_up()
    forget_channel(world.services, "demo")
    look_up()
    assert account.calls == 2


def test_no_call_is_made_before_a_channel_is_needed(world: World) -> None:
    account = Account(PAT)
    remembered_channel(world.services, "demo", None, account)
    assert account.calls == 0
