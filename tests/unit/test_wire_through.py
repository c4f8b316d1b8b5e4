"""A request that has a way of its own leaves by it; whoever stands before the process's wire has seen it."""

from __future__ import annotations

from dataclasses import replace

from connector.transport import Reply, Request
from connector.wire import RequestsWire


class Own:
    """A connection's own way."""

    def __init__(self) -> None:
        self.sent: list[Request] = []

    def exchange(self, request: Request) -> Reply:
        self.sent.append(request)
        return Reply(200, {}, b"by its own way")


def test_a_request_leaves_by_its_own_way() -> None:
    own = Own()
    request = Request("GET", "https://nowhere.invalid/", "read", through=own)
    assert RequestsWire().exchange(request).body == b"by its own way"
    assert own.sent == [request]


def test_the_way_is_no_part_of_what_a_request_is() -> None:
    plain = Request("GET", "https://nowhere.invalid/", "read")
    assert replace(plain, through=Own()) == plain
    assert "through" not in repr(replace(plain, through=Own()))
