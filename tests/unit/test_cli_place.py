"""Where commands act: a stack read from its outputs, a local run that shuts every other AWS out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cli.pairs import PAIRS
from cli.place import Deployed, NotReachable, StackPlace, environment_of, local_place, public_base_of
from connector.environment import QUEUES, TABLES
from tests.template.translated import translated

RUN = {
    "endpoint_url": "http://127.0.0.1:4566/", "region": "us-east-1", "access_key_id": "test",
    "secret_access_key": "test", "stack": "ml-connector",
}  # fmt: skip
API = "https://abc123.execute-api.us-east-1.amazonaws.com/v1"


@pytest.fixture(scope="module")
def outputs() -> dict[str, str]:
    """The outputs of the template, each with its own name as value."""
    found: dict[str, Any] = translated()["Outputs"]
    return {name: f"value-of-{name}" for name in found} | {"ApiUrl": API}


@pytest.mark.parametrize("pair", PAIRS)
def test_the_template_s_outputs_make_a_whole_environment(outputs: dict[str, str], pair: str) -> None:
    environment = environment_of(Deployed(outputs, {}), "stack", pair)
    assert {environment.table(name) for name in TABLES} == {f"value-of-{name.capitalize()}Table" for name in TABLES}
    assert len({environment.queue(name) for name in QUEUES}) == len(QUEUES)
    assert all(environment.queue(name).endswith(f"{name.capitalize()}QueueUrl") for name in QUEUES)
    assert environment.bucket_name() == "value-of-Bucket"
    assert environment.topic() == "value-of-AlertsTopic"
    assert environment.secret("acme/shipbob") == "value-of-SecretsPrefixacme/shipbob"
    assert environment.key_id == "value-of-KeyArn"


def test_a_pair_that_was_left_out_of_the_stack(outputs: dict[str, str]) -> None:
    fewer = {name: value for name, value in outputs.items() if not name.startswith("AcumaticaUps")}
    with pytest.raises(NotReachable, match="deployed without the pair acumatica_ups"):
        environment_of(Deployed(fewer, {}), "stack", "acumatica_ups")
    assert environment_of(Deployed(fewer, {}), "stack", "acumatica_shipbob").pair == "acumatica_shipbob"


def test_a_stack_of_something_else() -> None:
    with pytest.raises(NotReachable, match="is it an ml-connector"):
        environment_of(Deployed({"ApiUrl": API}, {}), "stack", "")


def test_the_public_base() -> None:
    assert public_base_of(Deployed({"ApiUrl": API}, {"PublicBaseUrl": ""})) == API
    assert public_base_of(Deployed({"ApiUrl": API}, {"PublicBaseUrl": "https://hooks.example"})) == "https://hooks.example"
    local = public_base_of(Deployed({"ApiUrl": API}, {}), "http://127.0.0.1:4566")
    assert local == "http://127.0.0.1:4566/_aws/execute-api/abc123/v1"


class Formation:
    """Stands in for CloudFormation's client."""

    def __init__(self, stacks: list[dict[str, Any]]) -> None:
        self.stacks = stacks
        self.calls = 0

    def client(self, service: str) -> Formation:
        assert service == "cloudformation"
        return self

    def describe_stacks(self, **asked: str) -> dict[str, Any]:
        self.calls += 1
        found = [stack for stack in self.stacks if stack["StackName"] == asked["StackName"]]
        if not found:
            error = {"Code": "ValidationError", "Message": f"Stack with id {asked['StackName']} does not exist"}
            raise ClientError({"Error": error}, "DescribeStacks")  # type: ignore[typeddict-item]
        return {"Stacks": found}


def placed(stack: str, formation: Formation) -> StackPlace:
    place = StackPlace(stack)
    place.__dict__["clients"] = formation
    return place


def test_the_stack_is_described_once() -> None:
    rows = [{"OutputKey": "ApiUrl", "OutputValue": API}]
    formation = Formation([{"StackName": "s", "Outputs": rows, "Parameters": []}])
    place = placed("s", formation)
    assert place.public_base() == place.public_base() == API
    assert formation.calls == 1


def test_a_stack_that_does_not_exist_says_how_to_name_one() -> None:
    with pytest.raises(NotReachable, match="--stack"):
        placed("other", Formation([])).public_base()


# ---- the local run --------------------------------------------------------------------------------------------


def test_a_local_run_shuts_every_other_aws_out(tmp_path: Path) -> None:
    file = tmp_path / "run.json"
    file.write_text(json.dumps(RUN), "utf-8")
    environ = {"AWS_PROFILE": "production", "AWS_SESSION_TOKEN": "real", "AWS_CA_BUNDLE": "x", "HOME": "/home/anna"}
    place = local_place(file, environ, verbose=False)
    assert environ == {
        "HOME": "/home/anna",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:4566/",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    assert place.endpoint == "http://127.0.0.1:4566"
    assert place.name == "the local run at http://127.0.0.1:4566"
    assert place.who()


@pytest.mark.parametrize("text", ["", "[]", "{}", json.dumps({**RUN, "stack": None})[:-5]])
def test_a_broken_run_file(tmp_path: Path, text: str) -> None:
    file = tmp_path / "run.json"
    file.write_text(text, "utf-8")
    environ = {"AWS_PROFILE": "production"}
    with pytest.raises(NotReachable, match="ml-connector up"):
        local_place(file, environ, verbose=False)
    assert environ == {"AWS_PROFILE": "production"}
