"""Connection files: exact reading, problems that name the key, the exported schema, what a new file changes."""

from __future__ import annotations

import json
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from cli.operations.documents import Change, changes, document_from, plain_document, read_text, schema_of
from cli.pairs import PAIRS, UnknownPair, pair_named
from connector.connection import InvalidConnection
from tests.support.stage import document

ROOT = Path(__file__).resolve().parents[2]


def problems(raw: dict[str, Any]) -> list[str]:
    with pytest.raises(InvalidConnection) as refused:
        document_from(raw)
    return list(refused.value.problems)


def test_a_good_file_is_read_exactly() -> None:
    text = json.dumps(document(charges={"tolerance": 1.1})).replace("1.1}", "1.10}")
    parsed = document_from(read_text(text, "acme.json"))
    assert parsed.settings.charges.tolerance == Decimal("1.10")  # type: ignore[attr-defined]
    assert parsed.settle_scale == 1.0


def test_the_schema_key_of_editors_is_no_part_of_the_document() -> None:
    assert read_text('{"$schema": "x.json", "pair": "p"}', "f") == {"pair": "p"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "f, line 1, column 2: not JSON"),
        ("[]", "one JSON object"),
        ('{"tables": {"fees": {"A": {}, "A": {}}}}', "A: stands twice"),
        ("", "not JSON"),
    ],
)
def test_files_that_are_no_document(text: str, words: str) -> None:
    with pytest.raises(InvalidConnection) as refused:
        read_text(text, "f")
    assert words in refused.value.problems[0]


def test_every_problem_comes_at_once_and_names_its_key() -> None:
    raw = document()
    raw["settings"]["shipments"]["boxx"] = "DEFAULT"
    raw["systems"]["shipbob"]["base_url"] = "http://api.shipbob.com"
    raw["systems"]["acumatica"]["base_url"] = "ftp://erp"
    raw["tables"].pop("fees")
    raw["tables"].pop("carriers")
    found = problems(raw)
    assert len(found) == 5
    by_key = {line.split(":")[0]: line for line in found}
    assert by_key["settings.shipments.boxx"].endswith("unknown key; did you mean box?")
    assert "must use https" in by_key["systems.shipbob.base_url"]
    assert "https://" in by_key["systems.acumatica.base_url"]
    assert by_key["tables.fees"] == "tables.fees: missing (ShipBob fee type -> account.)"
    assert "missing" in by_key["tables.carriers"]


def test_plain_http_is_for_this_machine_only() -> None:
    raw = document()
    raw["systems"]["shipbob"]["base_url"] = "http://127.0.0.1:9"
    assert document_from(raw).connection == "demo"


def test_an_unknown_key_with_no_likeness_lists_what_may_stand_there() -> None:
    raw = document()
    raw["tables"]["warehouses"]["3PL-WEST"]["zzz"] = 1
    assert problems(raw) == [
        "tables.warehouses.3PL-WEST.zzz: unknown key; known here: force, location_bin, location_id"
    ]


@pytest.mark.parametrize("raw", [{}, {"pair": 1}, {"pair": "acumatica_amazon"}])
def test_the_pair_must_be_one_that_there_is(raw: dict[str, Any]) -> None:
    assert problems(raw)[0].startswith("pair: ")


def test_unknown_pairs_and_pairs_without_flows() -> None:
    with pytest.raises(UnknownPair, match="acumatica_shipbob"):
        pair_named("nothing")
    for name in PAIRS:
        if import_module(f"{name}.flows").PAIR.flows:
            assert pair_named(name).name == name
        else:
            with pytest.raises(UnknownPair, match="no flows in this version"):
                pair_named(name)


# ---- the schema -----------------------------------------------------------------------------------------------


def test_the_exported_schema_is_the_present_one() -> None:
    for file in (ROOT / "docs" / "schemas").glob("*.json"):
        pair = file.name.removesuffix(".schema.json")
        assert json.loads(file.read_text("utf-8")) == json.loads(json.dumps(schema_of(pair))), (
            f"run: ml-connector connections schema {pair} > docs/schemas/{file.name}"
        )


def test_every_pair_that_runs_has_an_exported_schema() -> None:
    running = set()
    for name in PAIRS:
        try:
            running.add(pair_named(name).name)
        except UnknownPair:
            continue
    assert {file.name.removesuffix(".schema.json") for file in (ROOT / "docs" / "schemas").glob("*.json")} == running


def test_the_schema_agrees_with_the_model() -> None:
    schema = schema_of("acumatica_shipbob")
    jsonschema.Draft202012Validator.check_schema(schema)
    good = {"$schema": "x", **document()}
    jsonschema.validate(good, schema)
    bad = document()
    bad["tables"].pop("fees")
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(bad, schema)
    unknown = document()
    unknown["settings"]["stock"]["mod"] = "adjust"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(unknown, schema)


def test_every_setting_of_the_schema_says_what_it_means() -> None:
    schema = schema_of("acumatica_shipbob")
    for name, part in schema["$defs"].items():
        if name in ("Systems", "Settings", "Fee"):
            continue
        for key, described in part.get("properties", {}).items():
            assert described.get("description"), f"{name}.{key} has no description"


# ---- what changes ---------------------------------------------------------------------------------------------


def test_changes_name_every_key_that_is_new_gone_or_different() -> None:
    before = {"a": {"b": 1, "c": [1]}, "t": {"GROUND": "Standard", "OLD": "x"}, "n": None}
    after = {"a": {"b": 2, "c": [1]}, "t": {"GROUND": "Standard", "": "Standard"}, "n": None}
    assert changes(before, after) == [
        Change("a.b", 1, 2), Change('t.""', None, "Standard"), Change("t.OLD", "x", None),
    ]  # fmt: skip
    assert changes(after, after) == []


def test_a_document_compares_equal_with_its_stored_form() -> None:
    parsed = document_from(document())
    assert changes(plain_document(parsed), plain_document(document_from(document()))) == []
