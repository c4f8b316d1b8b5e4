"""`ml-connector up`: the bundle and every vendor on this machine, left running for a person to play with.

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
from pathlib import Path
from typing import Any

from local.cloud import raise_on_sigterm
from local.demo.companies import TRADES
from local.demo.company import Company
from local.demo.internet import Ticker
from local.demo.people import CommandFailed, Operator
from local.demo.place import Place, deployed
from local.embedded import ROOT, CloudFailed

RUN_FILE = ROOT / ".local" / "run.json"
CLOUD_PORT = 47560


def run(
    connections: Path | None = None,
    simulators: bool = True,
    as_json: bool = False,
    *,
    cloud_port: int = CLOUD_PORT,
    free_ports: bool = False,
    run_file: Path = RUN_FILE,
) -> None:
    """Deploys and keeps running until Ctrl-C or SIGTERM. Ends the program with what went wrong.

    connections: a connection file (a document or a list of them) to apply instead of the samples. simulators: start
    the vendors' simulators with the sample companies. as_json: print the addresses as one JSON document.
    free_ports: any port will do for the simulators.
    """
    try:
        _run(connections, simulators, as_json, cloud_port, free_ports, run_file)
    except (CloudFailed, CommandFailed) as failure:
        raise SystemExit(str(failure)) from None


def _run(
    connections: Path | None, simulators: bool, as_json: bool, cloud_port: int, free_ports: bool, run_file: Path
) -> None:
    documents = read_documents(connections) if connections is not None else []
    raise_on_sigterm()
    with contextlib.ExitStack() as stack:
        companies = [
            stack.enter_context(trade.start(*((0, 0) if free_ports else trade.ports)))
            for trade in TRADES
            if simulators
        ]
        place = stack.enter_context(deployed(_say_phase, cloud_port, run_file))
        documents = documents or [company.document() for company in companies]
        ticker = Ticker(place, sorted({str(document["pair"]) for document in documents}))
        stack.callback(ticker.close)
        connect(place, companies, documents)
        text = json.dumps(addresses(place, companies, run_file)) if as_json else text_of(place, companies)
        print(text, flush=True)
        _keep_running(ticker, companies)


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


def connect(place: Place, companies: Sequence[Company], documents: Sequence[Mapping[str, Any]]) -> None:
    """Applies the documents; those that name our simulators get credentials, webhooks and a day's work as well."""
    operator = Operator(place.run_file)
    try:
        for document in documents:
            company = next((each for each in companies if _is_of(document, each)), None)
            if company is None:
                operator.apply(document).result()
            else:
                company.connect(operator, place, document)
                company.open_shop()
    finally:
        operator.close()


def _is_of(document: Mapping[str, Any], company: Company) -> bool:
    systems = document.get("systems", {})
    named = {name: str(system.get("base_url", system.get("url", ""))).rstrip("/") for name, system in systems.items()}
    return named == {name: url.rstrip("/") for name, url in company.systems.items()}


def addresses(place: Place, companies: Sequence[Company], run_file: Path) -> dict[str, Any]:
    """Where everything answers."""
    return {
        "endpoint_url": place.cloud.endpoint,
        "api_url": place.stack.api_url,
        "stack": place.stack.name,
        "run_file": str(run_file),
        "log": str(place.log),
        **{f"{name}_url": url for company in companies for name, url in company.addresses.items()},
    }


def text_of(place: Place, companies: Sequence[Company]) -> str:
    """The same for a person, with what can be done now."""
    lines = [
        "",
        f"API             {place.stack.api_url}",
        f"AWS             {place.cloud.endpoint} (access key test, secret test, region us-east-1)",
        f"Functions log   {place.log}",
    ]
    for company in companies:
        lines += ["", *(f"{name:15} {url}" for name, url in company.addresses.items()), *company.hints()]
    if companies:
        lines += ["", "Everything that a vendor holds: /_control/holdings at the root of its address."]
    lines += [
        "",
        "Look at it:  .venv/bin/ml-connector --local connections list",
        "             .venv/bin/ml-connector --local records list",
        "             .venv/bin/ml-connector --local console",
        "Ctrl-C stops everything.",
    ]
    return "\n".join(lines)


def _keep_running(ticker: Ticker, companies: Sequence[Company]) -> None:
    """Until Ctrl-C."""
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            ticker.run(time.monotonic())
            for company in companies:
                company.deliver()
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
