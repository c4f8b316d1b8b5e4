"""The console: served to this machine alone, never with a credential; its own modules show and do what people need."""

from __future__ import annotations

import http.client
import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from acumatica_shipbob.settings import AcumaticaShipBob
from cli.operations.console_server import PAGE, Backing, ConsoleServer
from cli.operations.resolving import all_causes
from cli.operations.signed_api import SignedApi
from connector.connection import load_connection
from local.simulators.acumatica.seed import line, order
from operations.routes import ROUTES
from tests.support.desk import StagePlace
from tests.support.stage import NAME, Stage

TOKEN = "the-token-of-this-run"
BROWSER = Path(__file__).resolve().parents[1] / "support/console_browser.mjs"


@pytest.fixture
def stage() -> Stage:
    """Two orders that wait for a mapping."""
    made = Stage(tables={"ship_methods": {"GROUND": "Standard", "": "Standard"}})
    for _ in range(2):
        made.acumatica.command("sales_order", order("QUILL", line("0041", 1), country="US", ShipVia="EXPRESS"))
    made.run(minutes=8)
    return made


@pytest.fixture
def server(stage: Stage) -> Iterator[ConsoleServer]:
    with ConsoleServer(0, Backing(StagePlace(stage).operator_api(), TOKEN, "the stage")) as made:
        thread = threading.Thread(target=made.serve_forever, daemon=True)
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def ask(
    server: ConsoleServer, method: str, path: str, body: str | None = None, headers: Mapping[str, str] | None = None,
    host: str = "",
) -> tuple[int, str, dict[str, str]]:
    port = server.server_port
    door = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        door.putrequest(method, path, skip_host=True)
        door.putheader("Host", host or f"127.0.0.1:{port}")
        if body is not None:
            door.putheader("Content-Length", str(len(body.encode())))
        for name, value in (headers or {}).items():
            door.putheader(name, value)
        door.endheaders(body.encode() if body is not None else None)
        reply = door.getresponse()
        return reply.status, reply.read().decode(), dict(reply.getheaders())
    finally:
        door.close()


GOOD = {"X-Console-Token": TOKEN}


# ---- the server ------------------------------------------------------------------------------------------------


def test_it_listens_on_loopback_only(server: ConsoleServer) -> None:
    assert server.server_address[0] == "127.0.0.1"
    assert server.url.startswith("http://127.0.0.1:")
    assert server.url.endswith(f"/#token={TOKEN}")


def test_every_file_of_the_page_is_served_and_nothing_else(server: ConsoleServer) -> None:
    for path in PAGE.iterdir():
        status, text, headers = ask(server, "GET", f"/{path.name}")
        assert (status, text) == (200, path.read_text("utf-8"))
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
    assert ask(server, "GET", "/")[1] == (PAGE / "index.html").read_text("utf-8")
    for wrong in ("/../cli/main.py", "/%2e%2e/pyproject.toml", "/x.js", "//etc/passwd", "/api"):
        assert ask(server, "GET", wrong)[0] == 404


def test_a_call_without_the_token_is_refused_and_does_nothing(server: ConsoleServer, stage: Stage) -> None:
    body = json.dumps({"name": NAME})
    for headers in ({}, {"X-Console-Token": ""}, {"X-Console-Token": "guessed"}):
        assert ask(server, "GET", "/api/connections", headers=headers)[0] == 403
        assert ask(server, "POST", "/api/connection/pause", body, headers)[0] == 403
    connection = load_connection(stage.world.tables, NAME, AcumaticaShipBob)
    assert connection is not None
    assert connection.active


def test_a_foreign_name_for_this_machine_is_refused(server: ConsoleServer) -> None:
    for host in ("evil.example", f"evil.example:{server.server_port}", "127.0.0.1", f"localhost:{server.server_port}"):
        assert ask(server, "GET", "/", host=host)[0] == 403
        assert ask(server, "GET", "/api/connections", headers=GOOD, host=host)[0] == 403


def test_calls_are_handed_on_with_their_values_and_answers(server: ConsoleServer) -> None:
    status, text, headers = ask(server, "GET", f"/api/records?connection={NAME}&statuses=held", headers=GOOD)
    assert (status, headers["Content-Type"], headers["Cache-Control"]) == (200, "application/json", "no-store")
    assert json.loads(text)["found"] == 2
    assert ask(server, "GET", "/api/nothing", headers=GOOD)[0] == 404
    assert ask(server, "POST", "/api/records/close", '{"id": "x"}', GOOD)[0] == 400
    for body in ("", "[]", "{"):
        assert ask(server, "POST", "/api/records/close", body, GOOD)[0] == 400
    assert ask(server, "POST", "/api/records/close", " " * 70_000, GOOD)[0] == 413
    assert ask(server, "POST", "/index.html", "{}", GOOD)[0] == 400


def test_a_failure_on_the_way_is_told_in_words(stage: Stage) -> None:
    from botocore.exceptions import NoCredentialsError

    def broken(method: str, path: str, values: Mapping[str, Any]) -> tuple[int, bytes]:
        raise NoCredentialsError if path == "connections" else KeyError("secret")

    with ConsoleServer(0, Backing(broken, TOKEN, "nowhere")) as made:
        threading.Thread(target=made.serve_forever, daemon=True).start()
        status, text, _ = ask(made, "GET", "/api/connections", headers=GOOD)
        assert status == 502
        assert "aws sso login" in text
        status, text, _ = ask(made, "GET", "/api/review", headers=GOOD)
        assert status == 500
        assert "secret" not in text
        made.shutdown()


def test_calls_are_signed_as_api_gateway_wants_them() -> None:
    """The signature is made anew from what arrived, as AWS does."""
    seen: list[tuple[str, str, dict[str, str], bytes]] = []

    class Gateway(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            seen.append((self.command, self.path, dict(self.headers), body))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        do_POST = do_GET  # noqa: N815 - the name that http.server calls

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

    session = botocore.session.get_session()
    session.set_credentials("AKIDEXAMPLE", "secret-key", "session-token")
    session.set_config_variable("region", "eu-central-1")
    with HTTPServer(("127.0.0.1", 0), Gateway) as gateway:
        threading.Thread(target=gateway.serve_forever, daemon=True).start()
        api = SignedApi(f"http://127.0.0.1:{gateway.server_port}/v1", session)
        assert api("GET", "records", {"text": "a b+c&d/é", "statuses": "held"}) == (200, b"{}")
        assert api("POST", "records/close", {"id": "acme/orders/SO/1", "reason": "é"}) == (200, b"{}")
        gateway.shutdown()
    for method, path, headers, body in seen:
        assert headers["X-Amz-Security-Token"] == "session-token"
        again = AWSRequest(method, f"http://{headers['Host']}{path}", data=body)
        again.context["timestamp"] = headers["X-Amz-Date"]
        signer = SigV4Auth(Credentials("AKIDEXAMPLE", "secret-key", "session-token"), "execute-api", "eu-central-1")
        names = headers["Authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
        for name in names:
            again.headers[name] = next(value for key, value in headers.items() if key.lower() == name)
        text = signer.string_to_sign(again, signer.canonical_request(again))
        assert headers["Authorization"].endswith(f"Signature={signer.signature(text, again)}")
        assert "/eu-central-1/execute-api/aws4_request" in headers["Authorization"]
    assert seen[0][1] == "/v1/operations/records?text=a%20b%2Bc%26d%2F%C3%A9&statuses=held"
    assert json.loads(seen[1][3]) == {"id": "acme/orders/SO/1", "reason": "é"}


@pytest.mark.parametrize(
    ("base", "region"),
    [
        ("https://abc.execute-api.eu-west-1.amazonaws.com/v1", "eu-west-1"),
        ("https://abc.execute-api.cn-north-1.amazonaws.com.cn/v1", "cn-north-1"),
        ("http://127.0.0.1:4566/_aws/execute-api/abc/v1", "eu-central-1"),
    ],
)
def test_the_signature_is_for_the_api_s_own_region(base: str, region: str) -> None:
    session = botocore.session.get_session()
    session.set_config_variable("region", "eu-central-1")
    assert SignedApi(base, session)._region() == region


# ---- the page --------------------------------------------------------------------------------------------------


def test_the_page_asks_only_for_what_there_is_and_for_every_view() -> None:
    source = "".join(path.read_text("utf-8") for path in PAGE.glob("*.js"))
    asked = {("GET", path) for path in re.findall(r'(?<![.\w])get\("([^"]+)"', source)} - {("GET", "where")}
    asked |= {("POST", path) for path in re.findall(r'(?<![.\w])post\("([^"]+)"', source)}
    assert asked <= set(ROUTES)
    assert set(ROUTES) - asked == set()


def test_the_page_never_reads_text_as_html_and_loads_nothing_foreign() -> None:
    for path in PAGE.iterdir():
        text = path.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")  # a name; nothing is fetched
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text), path.name
        assert not re.search(r"https?://", text), path.name
        assert " style=" not in text, path.name
        assert not re.search(r"<[^>]+ on\w+=", text), path.name


@pytest.fixture
def pages(server: ConsoleServer, tmp_path: Path) -> Any:
    """Runs the page's own modules and answers what is seen after each step."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not on this machine; the page's modules are run by hand then")
    shutil.copytree(PAGE, tmp_path / "console")
    (tmp_path / "console/package.json").write_text('{"type": "module"}', "utf-8")

    def seen(*steps: Mapping[str, str]) -> list[dict[str, str]]:
        command = [node, str(BROWSER), server.url, str(tmp_path / "console"), json.dumps(steps)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        return [json.loads(text) for text in done.stdout.splitlines()]

    return seen


def test_every_view_shows_what_there_is(pages: Any, stage: Stage) -> None:
    record = f"{NAME}/orders/{next(iter(stage.records('orders')))}"
    found = pages(
        {"open": "#/connections"}, {"open": "#/review"}, {"open": "#/records"}, {"open": f"#/record?id={record}"},
        {"open": f"#/explained?asked={record}"}, {"open": f"#/connection?name={NAME}"}, {"open": "#/dead-letters"},
        {"open": "#/journal"}, {"open": "#/explained?asked=SO999999"},
    )
    connections, review, records, one, explained, connection, dead, journal, unknown = [each["view"] for each in found]
    assert not any(each["message"].strip() for each in found), [each["message"] for each in found]
    assert found[0]["where"] == "the stage"
    assert NAME in connections
    assert "2 orders wait for ship_methods EXPRESS" in review
    assert record in records
    assert "The chain is intact." in one
    assert "continues by itself" in explained
    assert "acumatica_shipbob, revision" in connection
    assert "delay-dead" in dead
    assert "GET connections" in journal
    assert "No record knows SO999999" in unknown


def test_a_mapping_set_in_the_page_lets_everything_go_on(pages: Any, stage: Stage) -> None:
    cause = all_causes(stage.process)[0].id
    found = pages({"open": f"#/cause?id={cause}"}, {"answer": "Standard", "press": "Map it"})
    assert "2 records continue" in found[1]["message"]
    stage.run(minutes=5)
    assert set(stage.states("orders").values()) == {"done"}


def test_the_night_s_comparison_and_the_trail_are_shown(pages: Any, stage: Stage) -> None:
    before = pages({"open": f"#/connection?name={NAME}"})[0]
    assert "no reconciliation of demo is kept yet" in before["view"]
    stage._poll({"night": True}, None)
    stage.run(minutes=30)
    after, trail = pages({"open": f"#/connection?name={NAME}"}, {"open": "#/trail?day=2026-03-02"})
    assert "differences that nothing explains" in after["view"]
    assert "chains verified" in trail["view"]
    assert not after["message"].strip()


def test_buttons_do_what_they_say(pages: Any, stage: Stage) -> None:
    keys = sorted(stage.records("orders"))
    record = f"{NAME}/orders/{keys[0]}"
    found = pages(
        {"open": "#/connections"}, {"press": "Pause"}, {"press": "Resume"}, {"open": f"#/record?id={record}"},
        {"answer": "  ", "press": "Close"}, {"answer": "shipped by hand", "press": "Close"},
    )
    assert "paused" in found[1]["message"]
    assert "moves again" in found[2]["message"]
    assert found[4]["message"].strip() == ""
    assert "is closed" in found[5]["message"]
    assert stage.states("orders") == {keys[0]: "closed", keys[1]: "held"}
    assert "shipped by hand" in stage.records("orders")[keys[0]].why
