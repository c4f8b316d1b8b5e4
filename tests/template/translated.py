"""The template as CloudFormation sees it, offline: language extensions, then the SAM transform.

The language extensions are ministack's, which follow answers of a real account. sam's own expansion (1.167.0) is not
used: it drops the Fn::Sub around a text with a resource's attribute, "${Bucket.Arn}/x", and leaves the text as it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from ministack.services.cloudformation import language_extensions
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).resolve().parents[2]
ARTIFACTS = {"AWS::Serverless::Function": "CodeUri", "AWS::Serverless::LayerVersion": "ContentUri"}
PARAMETERS = {
    "AWS::Region": "us-east-1", "AWS::AccountId": "123456789012", "AWS::StackName": "stack", "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
}


def template_text() -> str:
    """template.yaml as written."""
    return (ROOT / "template.yaml").read_text("utf-8")


@cache
def translate(text: str) -> str:
    """The translated template as JSON text (cached: translating takes about a second)."""
    source = yaml_parse(text)
    defaults = {name: spec["Default"] for name, spec in source["Parameters"].items() if "Default" in spec}
    parameters = {**PARAMETERS, **{name: str(value) for name, value in defaults.items()}}
    expanded = language_extensions.apply(source, parameters)
    for name, resource in expanded["Resources"].items():
        if resource["Type"] in ARTIFACTS:  # the translator wants a place in S3, which `sam package` would write
            resource["Properties"][ARTIFACTS[resource["Type"]]] = {"Bucket": "artifacts", "Key": f"{name}.zip"}
    expanded["Transform"] = "AWS::Serverless-2016-10-31"
    translator = Translator({}, Parser(), boto_session=boto3.Session(region_name="us-east-1"))
    return json.dumps(translator.translate(sam_template=expanded, parameter_values=parameters, feature_toggle=None))


def translated(text: str | None = None) -> dict[str, Any]:
    """The translated template; of template.yaml unless another text is given."""
    result: dict[str, Any] = json.loads(translate(template_text() if text is None else text))
    return result


def of_type(template: dict[str, Any], kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Logical id and properties of every resource of a type."""
    for name, resource in template["Resources"].items():
        if resource["Type"] == kind:
            yield name, resource.get("Properties", {})


def resolved(value: Any) -> str:
    """A text with Fn::Sub and Fn::Join done, as far as pseudo parameters go."""
    if isinstance(value, str):
        return value
    if "Fn::Join" in value:
        separator, parts = value["Fn::Join"]
        return str(separator).join(resolved(part) for part in parts)
    text = str(value["Fn::Sub"])
    for name, literal in PARAMETERS.items():
        text = text.replace(f"${{{name}}}", literal)
    return text
