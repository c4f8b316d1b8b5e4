"""The heavy libraries (lxml, NTLM) load in this pair alone, and there with the first message."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("lxml", "requests_ntlm", "spnego", "cryptography")

_LOADED = (
    "import sys; sys.path[:0] = ['.', 'layers/connector', 'functions']; import {module}; "
    f"print([name for name in {HEAVY!r} if name in sys.modules])"
)


@pytest.mark.parametrize(
    "module",
    [
        "dynamicsgp_shipbob.flows",
        "dynamicsgp_shipbob.senders",
        "acumatica_shipbob.flows",
        "acumatica_ups.flows",
        "acumatica_shipstation.flows",
        "netsuite_shipbob.senders",
    ],
)
def test_nothing_heavy_is_loaded_by_importing(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LOADED.format(module=module)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_nobody_else_imports_the_vendor() -> None:
    import pathlib

    root = pathlib.Path(__file__).resolve().parents[2]
    users = {
        str(path.relative_to(root).parent)
        for folder in ("functions", "layers/connector")
        for path in (root / folder).rglob("*.py")
        if "vendors.dynamics_gp" in path.read_text("utf-8")
    }
    allowed = ("functions/dynamicsgp_shipbob", "layers/connector/vendors/dynamics_gp")
    assert {user for user in users if not user.startswith(allowed)} == set()
