"""What Dynamics GP alone has in the template: its libraries; and the network of pollers and workers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.template.translated import of_type, template_text, translated

OWN = "DynamicsGpDependenciesLayer"


def layers_of(template: dict[str, Any], function: str) -> list[str]:
    """The names of a function's layers, without the hash that sam appends."""
    names = [layer["Ref"] for layer in template["Resources"][function]["Properties"]["Layers"]]
    return [name.split("Layer")[0] + "Layer" for name in names]


@pytest.mark.parametrize(
    "pair", ["AcumaticaShipbob", "AcumaticaShipstation", "NetsuiteShipbob", "DynamicsgpShipbob", "AcumaticaUps"]
)
def test_the_heavy_libraries_are_attached_to_this_pairs_workers_alone(pair: str) -> None:
    template = translated()
    own = OWN if pair == "DynamicsgpShipbob" else "DependenciesLayer"
    for entry in ("Poll", "Work"):
        assert layers_of(template, f"{pair}{entry}") == ["ConnectorLayer", own]
    assert layers_of(template, f"{pair}Webhook") == ["ConnectorLayer", "DependenciesLayer"]


def test_every_function_has_the_kernel_and_libraries() -> None:
    template = translated()
    for name, _ in of_type(template, "AWS::Lambda::Function"):
        assert len(layers_of(template, name)) == 2, name


def network_of(template: dict[str, Any], function: str) -> Any:
    """What a function's VpcConfig is with the parameters given."""
    name, inside, outside = template["Resources"][function]["Properties"]["VpcConfig"]["Fn::If"]
    assert (name, outside) == ("InVpc", {"Ref": "AWS::NoValue"})
    return inside


def test_the_poller_and_worker_of_this_pair_alone_may_live_in_a_vpc_and_do_not_unless_told() -> None:
    template = translated()
    assert template["Parameters"]["VpcSubnetIds"]["Default"] == ""
    nothing = {"Ref": "AWS::NoValue"}
    given = {"SubnetIds": {"Ref": "VpcSubnetIds"}, "SecurityGroupIds": {"Ref": "VpcSecurityGroupIds"}}
    for name, properties in of_type(template, "AWS::Lambda::Function"):
        if not name.endswith(("Poll", "Work")):
            assert "VpcConfig" not in properties, name
            continue
        mine = name.startswith("DynamicsgpShipbob")
        assert network_of(template, name) == (given if mine else {"SubnetIds": nothing, "SecurityGroupIds": nothing})
        policies = template["Resources"][f"{name}Role"]["Properties"]["ManagedPolicyArns"]
        inside = {"Ref": "NetworkPolicy"} if mine else nothing
        assert policies == [{"Ref": "WorkerPolicy"}, {"Fn::If": ["InVpc", inside, nothing]}], name
    assert template["Resources"]["NetworkPolicy"]["Condition"] == "InVpc"


def test_the_lock_files_agree() -> None:
    """The layer stands in place of the other one: a library must not have two versions in one deployment."""
    import re
    from pathlib import Path

    root = Path(__file__).resolve().parents[2] / "layers"
    pins = [
        dict(re.findall(r"^([\w-]+)==(\S+)", (root / folder / "requirements.txt").read_text("utf-8"), re.M))
        for folder in ("dependencies", "dynamics_gp_dependencies")
    ]
    assert pins[0].items() <= pins[1].items()
    assert "lxml" in pins[1]
    assert "lxml" not in pins[0]
    assert OWN in template_text()
