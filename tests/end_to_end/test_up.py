"""`up` against servers of one's own: the bundle alone, the vendors somewhere else, everything gone after SIGTERM."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from local.demo.opening import store_credentials
from local.demo.people import Operator
from local.demo.place import Vendors, clock, vendors
from local.embedded import ROOT, free_port
from local.sample.connection import sample_connection
from local.simulators.acumatica.seed import line, order

pytestmark = [pytest.mark.cloud, pytest.mark.slow]

PATIENCE = 120.0
PROGRAM = """
import sys
from pathlib import Path
from local.up import run
run(Path(sys.argv[1]), False, True, cloud_port=int(sys.argv[2]), run_file=Path(sys.argv[3]))
"""


@pytest.fixture
def elsewhere() -> Iterator[Vendors]:
    """Vendors that `up` has not started."""
    with vendors() as found:
        yield found


def test_the_bundle_runs_against_servers_that_a_file_names(elsewhere: Vendors, tmp_path: Path) -> None:
    document = sample_connection(elsewhere.acumatica_url, elsewhere.shipbob_url, clock() - timedelta(minutes=30))
    file, run_file, log = tmp_path / "connection.json", tmp_path / "run.json", tmp_path / "up.log"
    file.write_text(json.dumps(document), "utf-8")
    command = [sys.executable, "-c", PROGRAM, str(file), str(free_port()), str(run_file)]
    with (
        log.open("w") as complaints,
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=complaints, text=True) as up,
    ):
        try:
            addresses: dict[str, Any] = json.loads(up.stdout.readline() if up.stdout else "")
            assert addresses["run_file"] == str(run_file)
            assert "acumatica_url" not in addresses
            operator = Operator(run_file)
            store_credentials(operator, "sample", elsewhere)
            operator.close()
            elsewhere.acumatica.command("sales_order", order("QUILL", line("0041", 2)))
            assert arrived(elsewhere), log.read_text("utf-8")
        finally:
            up.send_signal(signal.SIGTERM)
            code = up.wait(60)
    assert code == 128 + signal.SIGTERM
    assert not run_file.exists()
    assert not Path(addresses["log"]).exists()


def arrived(both: Vendors) -> bool:
    """Waits until the order is at ShipBob."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if both.shipbob.holdings()["orders"]:
            return True
        time.sleep(0.5)
    return False
