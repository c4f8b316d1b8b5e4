"""Log lines: structured, correlated, free of secrets and personal data."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.log import HARMLESS, LEVELS, NAMESPACE, Log
from tests.support.clock import VirtualClock

SECRET = "sesame-4711"


def written(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def log(level: str = "DEBUG", **context: Any) -> tuple[Log, io.StringIO]:
    stream = io.StringIO()
    return Log(context, VirtualClock(), LEVELS[level], stream), stream


def test_a_line() -> None:
    narrow, stream = log(pair="acumatica_shipbob", correlation="c1")
    narrow.bind(record="shop/orders/SO1").info("vendor call", status=200, milliseconds=1.5, ok=True, fault=None)
    assert written(stream) == [
        {
            "time": "2026-03-02T14:05:09.250000Z", "level": "INFO", "text": "vendor call", "pair": "acumatica_shipbob",
            "correlation": "c1", "record": "shop/orders/SO1", "status": 200, "milliseconds": 1.5, "ok": True,
            "fault": None,
        }
    ]


def test_binding_does_not_touch_the_wider_log() -> None:
    wide, stream = log(correlation="c1")
    wide.bind(correlation="c2", record="r")
    wide.info("x")
    assert written(stream)[0]["correlation"] == "c1"
    assert "record" not in written(stream)[0]


@pytest.mark.parametrize("name", ["token", "authorization", "email", "body", "headers", "name", "address", "secret"])
@pytest.mark.parametrize("value", [SECRET, [SECRET], {"a": SECRET}, SECRET.encode()])
def test_a_field_that_is_not_allowed_is_dropped(name: str, value: object) -> None:
    assert name not in HARMLESS
    fields: dict[str, Any] = {name: value}
    wide, stream = log(**fields)
    wide.bind(**fields).error("x", **fields)
    assert SECRET not in stream.getvalue()
    assert name not in written(stream)[0]


VALUES = st.one_of(
    st.just(SECRET), st.lists(st.just(SECRET), min_size=1), st.dictionaries(st.just("k"), st.just(SECRET), min_size=1)
)
NAMES = st.text(min_size=1).filter(lambda name: name not in HARMLESS and name not in {"self", "text"})


@given(st.dictionaries(NAMES, VALUES, min_size=1), st.dictionaries(NAMES, VALUES))
def test_no_field_outside_the_list_leaks(context: dict[str, Any], fields: dict[str, Any]) -> None:
    wide, stream = log(correlation="c1")
    bound = Log({**wide.context, **context}, wide.clock, wide.level, stream)
    bound.info("x", **fields)
    bound.metric("OutcomeDone", 1)
    assert SECRET not in stream.getvalue()
    assert all(line["correlation"] == "c1" for line in written(stream))


@given(st.text(), st.dictionaries(st.sampled_from(sorted(HARMLESS)), st.text()))
def test_any_text_stays_one_line_of_json(text: str, fields: dict[str, Any]) -> None:
    wide, stream = log()
    wide.info(text, **fields)
    assert stream.getvalue().count("\n") == 1
    assert stream.getvalue().isascii()
    (line,) = written(stream)
    assert line["text"] == text
    assert {name: line[name] for name in fields} == fields


def test_half_a_surrogate_pair_is_logged() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="utf-8")
    Log({}, VirtualClock(), LEVELS["INFO"], stream).info("a\ud800", sender="\udfff")
    assert json.loads(raw.getvalue()) == {
        "time": "2026-03-02T14:05:09.250000Z", "level": "INFO", "text": "a\ud800", "sender": "\udfff",
    }


def test_own_fields_are_not_overwritten() -> None:
    wide, stream = log()
    wide.bind(time=1, text=2).info("x", level=3)
    assert written(stream) == [{"time": "2026-03-02T14:05:09.250000Z", "level": "INFO", "text": "x"}]


def test_allowed_values_become_text() -> None:
    wide, stream = log()
    wide.info("x", reason=ValueError("no rights"), outcome=["a"])
    assert written(stream)[0]["reason"] == "no rights"
    assert written(stream)[0]["outcome"] == "['a']"


@pytest.mark.parametrize("level", list(LEVELS))
def test_level(level: str) -> None:
    wide, stream = log(level)
    for write in (wide.debug, wide.info, wide.warning, wide.error):
        write("x")
    names = list(LEVELS)
    assert [line["level"] for line in written(stream)] == names[names.index(level) :]


@pytest.mark.parametrize(
    ("context", "dimensions"),
    [
        ({}, [[]]),
        ({"pair": "p"}, [["pair"]]),  # named once: a set named twice would count twice
        ({"pair": "p", "connection": "c"}, [["connection", "pair"], ["pair"]]),
        ({"connection": "c"}, [["connection"]]),
    ],
)
def test_metric(context: dict[str, str], dimensions: list[list[str]]) -> None:
    wide, stream = log("ERROR", correlation="c1", record="r", **context)
    wide.metric("CursorAgeSeconds", 12.5, "Seconds")
    (line,) = written(stream)
    assert line.pop("_aws") == {
        "Timestamp": 1_772_460_309_250,
        "CloudWatchMetrics": [
            {
                "Namespace": NAMESPACE,
                "Dimensions": dimensions,
                "Metrics": [{"Name": "CursorAgeSeconds", "Unit": "Seconds"}],
            }
        ],
    }
    assert line == {"correlation": "c1", "CursorAgeSeconds": 12.5, **context}


def test_lines_go_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    Log(clock=VirtualClock()).info("x")
    assert json.loads(capsys.readouterr().out)["text"] == "x"
