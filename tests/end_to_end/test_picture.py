"""What a spectator sees, on a terminal and in a pipe."""

from __future__ import annotations

import io

from rich.console import Console

from local.demo.picture import LivePicture, PlainPicture, picture_for, told_once
from local.demo.watch import Seen, Sentence, View

VIEW = View([Seen("orders", "SO/SO000001", "held", "waits for SKU X")], {("orders", "held"): 1, ("orders", "done"): 7})
SAID = [Sentence("orders/SO/SO000001", "Held: it waits for SKU X.")]


def shown(terminal: bool) -> str:
    output = io.StringIO()
    console = Console(file=output, force_terminal=terminal, width=100, height=40)
    picture = picture_for(console)
    assert isinstance(picture, LivePicture if terminal else PlainPicture)
    with picture:
        picture.phase("orders out")
        picture.tell("Somebody adds the SKU.")
        picture.show(VIEW, SAID)
    return output.getvalue()


def test_a_terminal_gets_a_living_table() -> None:
    screen = shown(terminal=True)
    for words in ("orders out", "Somebody adds the SKU.", "orders/SO/SO000001  Held: it waits for SKU X."):
        assert words in screen
    assert "\x1b[" in screen


def test_a_pipe_gets_plain_lines() -> None:
    text = shown(terminal=False)
    assert "\x1b[" not in text
    assert "orders: 1 held, 7 done" in text
    assert "orders/SO/SO000001: Held: it waits for SKU X." in text


def test_what_many_records_say_at_once_is_told_once() -> None:
    same = [Sentence(f"orders/{number}", "Waits: the window is full.") for number in range(5)]
    assert told_once([*same, *SAID, same[0]]) == [same[0], *SAID, same[0]]
