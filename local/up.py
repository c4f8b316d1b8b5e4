"""`ml-connector up`: the bundle and both vendors on this machine, left running for a person to play with.

    python -m local.up [--connections FILE] [--no-simulators]

Every address is fixed and printed; `ml-connector --local ...` finds the run by itself. Ctrl-C leaves nothing behind.
With `--connections FILE --no-simulators` the same bundle talks to the servers that the file names.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from local.cloud import raise_on_sigterm
from local.demo.internet import Internet, Ticker
from local.demo.opening import open_connection, store_credentials
from local.demo.people import CommandFailed, Operator
from local.demo.place import Place, Vendors, clock, deployed, vendors
from local.embedded import ROOT, CloudFailed
from local.sample.connection import sample_connection
from local.sample.orders import ORDERS

RUN_FILE = ROOT / ".local" / "run.json"
CLOUD_PORT, ACUMATICA_PORT, SHIPBOB_PORT = 47560, 47561, 47562


def run(
    connections: Path | None = None,
    simulators: bool = True,
    as_json: bool = False,
    *,
    cloud_port: int = CLOUD_PORT,
    acumatica_port: int = ACUMATICA_PORT,
    shipbob_port: int = SHIPBOB_PORT,
    run_file: Path = RUN_FILE,
) -> None:
    """Deploys and keeps running until Ctrl-C or SIGTERM. Ends the program with what went wrong.

    connections: a connection file (a document or a list of them) to apply instead of the sample. simulators: start
    the vendors' simulators with the sample company. as_json: print the addresses as one JSON document.
    """
    try:
        _run(connections, simulators, as_json, (cloud_port, acumatica_port, shipbob_port), run_file)
    except (CloudFailed, CommandFailed) as failure:
        raise SystemExit(str(failure)) from None


def _run(
    connections: Path | None, simulators: bool, as_json: bool, ports: tuple[int, int, int], run_file: Path
) -> None:
    documents = read_documents(connections) if connections is not None else []
    raise_on_sigterm()
    with contextlib.ExitStack() as stack:
        both = stack.enter_context(vendors(*ports[1:])) if simulators else None
        place = stack.enter_context(deployed(_say_phase, ports[0], run_file))
        if both is not None and not documents:
            documents = [sample_connection(both.acumatica_url, both.shipbob_url, clock() - timedelta(minutes=30))]
        ticker = Ticker(place, sorted({str(document["pair"]) for document in documents}))
        stack.callback(ticker.close)
        connect(place, both, documents)
        print(json.dumps(addresses(place, both, run_file)) if as_json else text_of(place, both), flush=True)
        _keep_running(ticker, Internet(both) if both is not None else None)


def read_documents(file: Path) -> list[dict[str, Any]]:
    """The connection documents of a file. Raises CommandFailed when it is not JSON or no such document."""
    try:
        found = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise CommandFailed(f"{file} cannot be read: {error}") from error
    documents = found if isinstance(found, list) else [found]
    if not documents or not all(isinstance(each, dict) and "pair" in each for each in documents):
        raise CommandFailed(f"{file} holds no connection document; see `ml-connector connections schema PAIR`")
    return documents


def connect(place: Place, both: Vendors | None, documents: Sequence[Mapping[str, Any]]) -> None:
    """Applies the documents; those that name our simulators get their credentials, webhooks and orders as well."""
    operator = Operator(place.run_file)
    try:
        for document in documents:
            if both is not None and _is_ours(document, both):
                open_connection(operator, place, both, document)
                _type_in_orders(both)
            else:
                if both is not None and document["pair"] == "acumatica_shipbob":
                    store_credentials(operator, str(document["connection"]), both)
                operator.apply(document).result()
    finally:
        operator.close()


def _is_ours(document: Mapping[str, Any], both: Vendors) -> bool:
    systems = document.get("systems", {})
    named = {str(systems.get(name, {}).get("base_url", "")).rstrip("/") for name in ("acumatica", "shipbob")}
    return named == {both.acumatica_url, both.shipbob_url}


def _type_in_orders(both: Vendors) -> None:
    for sample in ORDERS:
        both.acumatica.command("sales_order", sample.fields)


def addresses(place: Place, both: Vendors | None, run_file: Path) -> dict[str, Any]:
    """Where everything answers."""
    found: dict[str, Any] = {
        "endpoint_url": place.cloud.endpoint,
        "api_url": place.stack.api_url,
        "stack": place.stack.name,
        "run_file": str(run_file),
        "log": str(place.log),
    }
    if both is not None:
        found |= {"acumatica_url": both.acumatica_url, "shipbob_url": both.shipbob_url}
    return found


def text_of(place: Place, both: Vendors | None) -> str:
    """The same for a person, with what can be done now."""
    lines = [
        "",
        f"API            {place.stack.api_url}",
        f"AWS            {place.cloud.endpoint} (access key test, secret test, region us-east-1)",
        f"Functions log  {place.log}",
    ]
    if both is not None:
        door = both.acumatica_url.rsplit("/", 1)[0]
        lines += [
            f"Acumatica      {both.acumatica_url}",
            f"ShipBob        {both.shipbob_url}",
            f"Control doors  {door}/_control/holdings  {both.shipbob_url}/_control/holdings",
            "",
            "Let the warehouse ship an order:",
            f'  curl -d \'{{"name": "fulfil", "arguments": {{"reference_id": "ACU-SO-SO000001"}}}}\' '
            f"{both.shipbob_url}/_control/command",
        ]
    lines += [
        "",
        "Look at it:  .venv/bin/ml-connector --local connections list",
        "             .venv/bin/ml-connector --local records list",
        "Ctrl-C stops everything.",
    ]
    return "\n".join(lines)


def _keep_running(ticker: Ticker, internet: Internet | None) -> None:
    """Until Ctrl-C."""
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            ticker.run(time.monotonic())
            if internet is not None:
                internet.run()
            time.sleep(0.2)


@contextlib.contextmanager
def _say_phase(name: str) -> Iterator[None]:
    print(f"{name} ...", file=sys.stderr, flush=True)
    yield


def main() -> None:
    """The same as a module."""
    parser = argparse.ArgumentParser(prog="python -m local.up", description="Everything on this machine, left running.")
    parser.add_argument("--connections", type=Path, help="connection file to apply instead of the sample")
    parser.add_argument("--no-simulators", action="store_true", help="start no vendors: the file names the servers")
    parser.add_argument("--json", action="store_true", help="print the addresses as one JSON document")
    options = parser.parse_args()
    run(options.connections, not options.no_simulators, options.json)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        raise SystemExit(130) from None
