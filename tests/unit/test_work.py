"""Work on records and events at the kernel's boundary: what tables, queues, audit and metrics hold afterwards."""

from __future__ import annotations

from tests.support.toy import Toy


def test_an_order_goes_from_the_shop_to_the_depot_once() -> None:
    toy = Toy()
    toy.shop.put("A1")
    toy.run(minutes=3)
    assert toy.depot.holds() == {"orders/A1": 1}
    assert toy.states() == {"orders/A1": "done"}
    toy.check()
