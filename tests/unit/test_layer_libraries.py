"""What the functions import is in the layers that they run with: on a developer's machine everything is there."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = {"connector", "vendors", "cli"}
OF_THE_RUNTIME = {"boto3", "botocore"}
DISTRIBUTIONS = {
    "aws_lambda_powertools": "aws-lambda-powertools",
    "jwt": "pyjwt",
    "pydantic_core": "pydantic-core",
    "requests_ntlm": "requests-ntlm",
    "spnego": "pyspnego",
}
COMMON = "dependencies"


def imported(folder: Path) -> dict[str, str]:
    """Top-level names of other people's libraries below a folder, each with a file that imports it."""
    found: dict[str, str] = {}
    packages = OURS | {path.name for path in (ROOT / "functions").iterdir()}
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            for name in names:
                top = name.split(".")[0]
                if top not in sys.stdlib_module_names | packages | OF_THE_RUNTIME:
                    found[top] = str(path.relative_to(ROOT))
    return found


def pinned(layer: str) -> set[str]:
    text = (ROOT / "layers" / layer / "requirements.txt").read_text("utf-8")
    return {name.lower().replace("_", "-") for name in re.findall(r"^([\w-]+)(?:\[.*\])?==", text, re.M)}


@pytest.mark.parametrize(
    ("folder", "layer"),
    [
        ("layers/connector/connector", COMMON),
        ("layers/connector/vendors/acumatica", COMMON),
        ("layers/connector/vendors/netsuite", COMMON),
        ("layers/connector/vendors/shipbob", COMMON),
        ("layers/connector/vendors/shipstation", COMMON),
        ("layers/connector/vendors/ups", COMMON),
        ("functions", COMMON),
        ("layers/connector", "dynamics_gp_dependencies"),
    ],
)
def test_each_import_is_in_the_layer(folder: str, layer: str) -> None:
    assert (ROOT / folder).is_dir()
    there = pinned(layer)
    missing = {
        name: path for name, path in imported(ROOT / folder).items() if DISTRIBUTIONS.get(name, name) not in there
    }
    assert not missing
