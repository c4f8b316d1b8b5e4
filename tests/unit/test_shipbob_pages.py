"""Every way of paging is read to its end, and none can run for ever."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.faults import FaultKind, VendorFault
from connector.transport import Reply
from vendors.shipbob.pages import cursor_pages, numbered_pages


@dataclass
class Script:
    """Answers prepared pages and notes the paging parameters that came."""

    answers: Sequence[object]
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)

    def __call__(self, paging: tuple[tuple[str, str], ...]) -> Reply:
        self.asked.append(dict(paging))
        answer = self.answers[min(len(self.asked), len(self.answers)) - 1]
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        return Reply(200, self.headers, body)


def rows(*ids: int) -> list[dict[str, int]]:
    return [{"id": number} for number in ids]


def ids(pages: Any) -> list[int]:
    return [row["id"] for page in pages for row in page]


def test_numbered_pages_go_on_after_a_short_page_until_an_empty_one() -> None:
    script = Script([rows(1, 2), rows(3), rows(4, 5), []])
    assert ids(numbered_pages(script, "list", 2)) == [1, 2, 3, 4, 5]
    assert [asked["Page"] for asked in script.asked] == ["1", "2", "3", "4"]
    assert {asked["Limit"] for asked in script.asked} == {"2"}


def test_the_last_call_is_saved_when_page_count_and_short_page_agree() -> None:
    script = Script([rows(1, 2), rows(3), []], {"total-pages": "2"})
    assert ids(numbered_pages(script, "list", 2)) == [1, 2, 3]
    assert len(script.asked) == 2


@pytest.mark.parametrize("total", ["1", "0", "", "many"])
def test_a_page_count_alone_ends_nothing(total: str) -> None:
    script = Script([rows(1, 2), rows(3, 4), []], {"total-pages": total})
    assert ids(numbered_pages(script, "list", 2)) == [1, 2, 3, 4]


def test_a_server_that_ignores_the_page_number_is_noticed() -> None:
    script = Script([rows(1, 2)])
    with pytest.raises(VendorFault, match="came twice") as caught:
        ids(numbered_pages(script, "list orders", 2))
    assert (caught.value.kind, caught.value.alarm) == (FaultKind.UNAVAILABLE, True)
    assert len(script.asked) == 2


@pytest.mark.parametrize("answer", [{"items": []}, None, [1, 2], b"", b"<html>", b'[{"id": 1'])
def test_what_is_no_array_is_no_empty_list(answer: object) -> None:
    with pytest.raises(VendorFault, match="cannot be read to its end"):
        ids(numbered_pages(Script([answer]), "list", 2))


@pytest.mark.parametrize(
    ("following", "cursor"),
    [
        ("eyJ0b2tlbiI6MX0=", "eyJ0b2tlbiI6MX0="),
        ("https://api.shipbob.com/2026-01/product?cursor=abc%3D%3D&PageSize=50", "abc=="),
        ("/Product?cursor=abc%3D", "abc="),
        ("/Product?PageSize=50&Cursor=abc", "abc"),
        ("/2026-01/channel?CURSOR=a%2Bb+c", "a+b+c"),
        ("https://api.shipbob.com/Return?Cursor=2&Limit=250", "2"),
        ("/Product?cursor=a%252Fb", "a%2Fb"),
        (17, "17"),
    ],
)
def test_the_cursor_is_taken_out_of_next_and_decoded_once(following: object, cursor: str) -> None:
    script = Script([{"items": rows(1), "next": following}, {"items": rows(2), "next": None}])
    assert ids(cursor_pages(script, "list", key="id")) == [1, 2]
    assert script.asked == [{}, {"cursor": cursor}]


@given(st.text(alphabet=st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=1))
def test_any_cursor_survives_its_way_through_an_address(cursor: str) -> None:
    script = Script([{"items": [], "next": f"/Product?cursor={quote(cursor, safe='')}"}, {"items": [], "next": None}])
    assert ids(cursor_pages(script, "list", key="id")) == []
    assert script.asked[1] == {"cursor": cursor}


def test_parameter_and_member_have_other_names_elsewhere() -> None:
    script = Script([{"data": rows(1), "next": "5"}, {"data": rows(2), "next": ""}])
    assert ids(cursor_pages(script, "list", key="id", parameter="Cursor", member="data")) == [1, 2]
    assert script.asked[1] == {"Cursor": "5"}


def test_short_and_empty_pages_do_not_end_a_cursor_list() -> None:
    script = Script([{"items": rows(1), "next": "a"}, {"items": [], "next": "b"}, {"items": rows(2), "next": None}])
    assert ids(cursor_pages(script, "list", key="id")) == [1, 2]


def test_the_same_cursor_twice_is_noticed() -> None:
    script = Script([{"items": [], "next": "a"}])
    with pytest.raises(VendorFault, match="the same cursor came twice"):
        ids(cursor_pages(script, "list", key="id"))
    assert len(script.asked) == 2


def test_the_same_first_row_under_new_cursors_is_noticed() -> None:
    script = Script([{"items": rows(1), "next": "a"}, {"items": rows(1), "next": "b"}])
    with pytest.raises(VendorFault, match="begins with id 1 came twice"):
        ids(cursor_pages(script, "list", key="id"))


@pytest.mark.parametrize(
    "answer",
    [
        [],
        {},
        {"next": None},
        {"items": {}, "next": None},
        {"items": [5], "next": None},
        {"items": [], "next": "/Product?page=2"},
        {"items": [], "next": ["a"]},
        {"items": [], "next": True},
        b"not json",
    ],
)
def test_what_cannot_be_understood_is_no_end_of_the_list(answer: object) -> None:
    with pytest.raises(VendorFault, match="cannot be read to its end"):
        ids(cursor_pages(Script([answer]), "list", key="id"))


def test_null_items_are_an_empty_page() -> None:
    assert ids(cursor_pages(Script([{"items": None, "next": None}]), "list", key="id")) == []


def test_pages_come_one_by_one_so_that_a_poll_can_stop_between_them() -> None:
    script = Script([rows(1), rows(2), []])
    walk = numbered_pages(script, "list", 1)
    assert next(walk) == ({"id": 1},)
    assert len(script.asked) == 1


def test_a_list_without_end_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vendors.shipbob.pages.MOST_PAGES", 5)
    script = Script([{"items": rows(number), "next": f"c{number}"} for number in range(10)])
    with pytest.raises(VendorFault, match="no end after 5 pages"):
        ids(cursor_pages(script, "list", key="id"))
