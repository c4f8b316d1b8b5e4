"""Pairs can be left out: the template with any one of them is whole, and the linter that says so is awake."""

from __future__ import annotations

import json
import re

import pytest
from cfnlint.api import lint
from cfnlint.config import ManualArgs

from local.cloud import PAIR_LIST, CloudFailed, only_pairs
from tests.template.translated import ROOT, template_text, translated

PAIRS = ["AcumaticaShipbob", "AcumaticaShipstation", "NetsuiteShipbob", "DynamicsgpShipbob", "AcumaticaUps"]


def complaints(text: str) -> list[str]:
    """Errors that cfn-lint finds in a template's text. Its warnings are about traces that the transforms leave."""
    found = lint(text, config=ManualArgs(regions=["us-east-1"]))
    return [f"{match.rule.id} {match.message}" for match in found if match.rule.id.startswith("E")]


def test_the_lists_the_mapping_and_the_folders_agree() -> None:
    lists = [names.split(", ") for _, names in PAIR_LIST.findall(template_text())]
    assert lists == [PAIRS, PAIRS]
    mapping = translated()["Mappings"]["Pairs"]
    assert set(mapping) == set(PAIRS)
    for pair, row in mapping.items():
        assert row["Name"].replace("_", "") == pair.lower()
        assert (ROOT / "functions" / row["Name"] / "__init__.py").is_file()
        assert row["RouteWithToken"] == row["Route"] + "/{token}"
        assert row["Route"] == f"/{row['Name']}/{{connection}}/{{sender}}"
        # The makefile finds the folder from the logical name.
        assert re.sub(r"([a-z])([A-Z])", r"\1_\2", pair).lower() == row["Name"]


@pytest.mark.parametrize("pair", PAIRS)
def test_any_single_pair_is_a_whole_template(pair: str) -> None:
    alone = translated(only_pairs(template_text(), [pair]))
    text = json.dumps({part: alone[part] for part in ("Resources", "Outputs")})
    assert not [other for other in PAIRS if other != pair and other in text]
    everything = translated()
    assert {name for name in everything["Resources"] if name.startswith(pair)} == {
        name for name in alone["Resources"] if name.startswith(pair)
    }
    assert complaints(json.dumps(alone)) == []


def test_the_translated_template_has_no_complaints() -> None:
    assert complaints(json.dumps(translated())) == []


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('[!Sub "${Pair}LiveQueue", Arn]', '[!Sub "${Pair}LifeQueue", Arn]'),
        ("MLC_RECORDS_TABLE: !Ref RecordsTable", "MLC_RECORDS_TABLE: !Ref LifeTable"),
    ],
)
def test_the_linter_sees_a_dangling_reference(right: str, wrong: str) -> None:
    """cfn-lint 1.54 and later stopped looking into SAM resources; this fails if an upgrade brings that back."""
    assert right in template_text()
    assert any("Life" in found for found in complaints(json.dumps(translated(template_text().replace(right, wrong)))))


def test_an_unknown_pair_is_refused() -> None:
    with pytest.raises(CloudFailed, match="AcumaticaShipbob"):
        only_pairs(template_text(), ["Acumatica"])


def test_the_resource_count_is_far_from_the_quota() -> None:
    assert len(translated()["Resources"]) < 400  # AWS: 500 in a stack
    assert len(template_text().encode()) < 51_200 * 10
