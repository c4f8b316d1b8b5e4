"""What the edge costs: a cold start's imports against the least that boto3 allows, and the verification of a webhook.

    python -m tests.performance.bench_edge

One JSON line each: `value` was measured, `bound` is what it is held to, `ratio` is how much of the bound is used (at
most 1.0 is good, whether the value is a time or a rate), `ok`. Ends with 1 when one is not. Times are processor time,
because other work on the machine must not count; imports are medians of fresh processes that take turns, everything
byte-compiled beforehand.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from time import process_time
from typing import Any

from connector.edge import standard_webhooks
from connector.edge.sender import Delivery, Ruling
from tests.support.edge import SHIPBOB_SECRET, sign

ROOT = Path(__file__).resolve().parents[2]
PROCESSES = 21
ROUNDS = 7
VERIFICATIONS = 5_000
LEAST_VERIFICATIONS = 10_000  # a second and core
BODY_BYTES = 2_048

BOTO3 = "import boto3; boto3.client('sqs')"
WEBHOOK = "import acumatica_shipbob.webhook"
DEPLOYED: Mapping[str, str] = {
    "MLC_PAIR": "acumatica_shipbob", "MLC_CONNECTIONS_TABLE": "connections", "MLC_EVENTS_TABLE": "events",
    "MLC_BUCKET": "bucket", "MLC_SECRETS_PREFIX": "stack/", "MLC_EVENTS_QUEUE_URL": "https://queue.example/events.fifo",
}
"""With these the module builds its AWS side while it is imported, as in Lambda."""

# Deployed, the module imports botocore and makes an SQS client as well, and all of the edge besides: the boto3 file
# does without the edge but pays for boto3 and s3transfer.
COMPARED: tuple[tuple[str, Mapping[str, str], float], ...] = (
    ("import of the webhook module", {}, 1.0),
    ("import of the webhook module with its AWS side", DEPLOYED, 1.0),
)
"""Name, environment, and how many times the boto3 file's time is allowed."""


def imports() -> list[dict[str, Any]]:
    """The webhook module against a file that only imports boto3 and makes an SQS client, in turns."""
    own: list[list[float]] = [[] for _ in COMPARED]
    boto3: list[float] = []
    with tempfile.TemporaryDirectory() as compiled:
        for code, variables in ((BOTO3, {}), (WEBHOOK, DEPLOYED)):
            _process(code, compiled, variables)  # writes the bytecode
        for _ in range(PROCESSES):
            boto3.append(_process(BOTO3, compiled, {}))
            for times, (_, variables, _) in zip(own, COMPARED, strict=True):
                times.append(_process(WEBHOOK, compiled, variables))
    return [
        _line(f"edge: {name}, ms", statistics.median(times), statistics.median(boto3) * allowed)
        for times, (name, _, allowed) in zip(own, COMPARED, strict=True)
    ]


def verifications() -> dict[str, Any]:
    """Signatures of a 2 KB webhook judged with two secrets' worth of keys, as during a rotation."""
    now = datetime(2026, 5, 11, 9, 42, tzinfo=UTC)
    stamp = int(now.timestamp())
    body = b'{"pad":"' + b"x" * (BODY_BYTES - 10) + b'"}'
    headers = {
        "webhook-id": "msg_bench",
        "webhook-timestamp": str(stamp),
        "webhook-signature": sign(SHIPBOB_SECRET, "msg_bench", stamp, body),
    }
    delivery = Delivery(headers, body)
    documents = ({"secrets": ["whsec_" + "A" * 32]}, {"secrets": [SHIPBOB_SECRET]})
    rates = []
    for _ in range(ROUNDS):
        started = process_time()
        for _ in range(VERIFICATIONS):
            if standard_webhooks.verify(delivery, documents, now).ruling is not Ruling.PROVEN:
                raise AssertionError("the benchmark's own webhook was not proven")
        rates.append(VERIFICATIONS / (process_time() - started))
    name = f"edge: verifications of a {BODY_BYTES} byte webhook a second"
    return _line(name, statistics.median(rates), LEAST_VERIFICATIONS, least=True)


def _process(code: str, compiled: str, variables: Mapping[str, str]) -> float:
    """Milliseconds of processor time that a whole process takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], env={**_environment(compiled), **variables}, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime) * 1000


def _environment(compiled: str) -> dict[str, str]:
    """A shell as in Lambda: our packages on the path, bytecode written to and read from one folder."""
    unwanted = ("PYTHONDONTWRITEBYTECODE", "AWS_PROFILE", "AWS_ENDPOINT_URL")
    kept = {name: value for name, value in os.environ.items() if name not in unwanted and not name.startswith("MLC_")}
    paths = [str(ROOT / "layers/connector"), str(ROOT / "functions")]
    return {
        **kept,
        "PYTHONPYCACHEPREFIX": compiled,
        "PYTHONPATH": os.pathsep.join(paths),
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }


def _line(name: str, value: float, bound: float, *, least: bool = False) -> dict[str, Any]:
    ratio = round(bound / value if least else value / bound, 3)
    return {"name": name, "value": round(value, 1), "bound": round(bound, 1), "ratio": ratio, "ok": ratio <= 1.0}


def main() -> int:
    """Prints the lines; 1 when a bound is passed."""
    lines = [*imports(), verifications()]
    for line in lines:
        print(json.dumps(line))
    return 0 if all(line["ok"] for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
