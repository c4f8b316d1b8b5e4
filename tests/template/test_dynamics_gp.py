"""What single pairs have in the template: their libraries; and the network of pollers and workers."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.template.translated import of_type, template_text, translated

OWN = {
    "DynamicsgpShipbob": "DynamicsGpDependenciesLayer",
    "NetsuiteShipbob": "NetSuiteDependenciesLayer",
}


def layers_of(template: dict[str, Any], function: str) -> list[str]:
    """The names of a function's layers, without the hash that sam appends."""
    names = [layer["Ref"] for layer in template["Resources"][function]["Properties"]["Layers"]]
    return [name.split("Layer")[0] + "Layer" for name in names]


@pytest.mark.parametrize(
    "pair", ["AcumaticaShipbob", "AcumaticaShipstation", "NetsuiteShipbob", "DynamicsgpShipbob", "AcumaticaUps"]
)
def test_the_heavy_libraries_are_attached_to_their_pairs_workers_alone(pair: str) -> None:
    template = translated()
    own = OWN.get(pair, "DependenciesLayer")
    for entry in ("Poll", "Work"):
        assert layers_of(template, f"{pair}{entry}") == ["ConnectorLayer", own]
    assert layers_of(template, f"{pair}Webhook") == ["ConnectorLayer", "DependenciesLayer"]


def test_every_function_has_the_kernel_and_libraries() -> None:
    template = translated()
    for name, _ in of_type(template, "AWS::Lambda::Function"):
        assert len(layers_of(template, name)) == 2, name


def test_pollers_and_workers_may_live_in_a_vpc_and_do_not_unless_told() -> None:
    template = translated()
    assert template["Parameters"]["VpcSubnetIds"]["Default"] == ""
    inside = {
        name for name, properties in of_type(template, "AWS::Lambda::Function") if "VpcConfig" in properties
    }
    assert {name for name in inside if not name.endswith(("Poll", "Work"))} == set()
    assert len(inside) == 10
    config = template["Resources"]["DynamicsgpShipbobWork"]["Properties"]["VpcConfig"]["Fn::If"]
    assert config[0] == "InVpc"
    assert config[2] == {"Ref": "AWS::NoValue"}
    assert template["Resources"]["NetworkPolicy"]["Condition"] == "InVpc"
    role = json.dumps(template["Resources"]["DynamicsgpShipbobWorkRole"]["Properties"]["ManagedPolicyArns"])
    assert '["InVpc", {"Ref": "NetworkPolicy"}' in role


@pytest.mark.parametrize(
    ("folder", "heavy", "layer"),
    [
        ("dynamics_gp_dependencies", "lxml", "DynamicsGpDependenciesLayer"),
        ("netsuite_dependencies", "cryptography", "NetSuiteDependenciesLayer"),
    ],
)
def test_the_lock_files_agree(folder: str, heavy: str, layer: str) -> None:
    """The layer stands in place of the other one: a library must not have two versions in one deployment."""
    root = Path(__file__).resolve().parents[2] / "layers"
    common, own = (
        dict(re.findall(r"^([\w-]+)==(\S+)", (root / name / "requirements.txt").read_text("utf-8"), re.M))
        for name in ("dependencies", folder)
    )
    assert common.items() <= own.items()
    assert heavy in own
    assert layer in template_text()


def test_the_common_layer_has_no_library_of_one_pair() -> None:
    text = (Path(__file__).resolve().parents[2] / "layers/dependencies/requirements.txt").read_text("utf-8")
    assert not re.search(r"^(lxml|pyjwt)==", text, re.M)
