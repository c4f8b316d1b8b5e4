"""As much of Lambda's Runtime API as it takes to see whether a function's init succeeds under awslambdaric."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

TABLES = ("CONNECTIONS", "RECORDS", "EVENTS", "AUDIT", "STATE")
QUEUES = ("EVENTS", "LIVE", "BULK", "JOBS", "DELAY")


class Init:
    """What came of the init: asked for the first event (then it succeeded) or reported an error."""

    def __init__(self) -> None:
        self.known = threading.Event()
        self.error: str | None = None


def server(init: Init) -> ThreadingHTTPServer:
    """The API on a free port; it never hands out an event."""

    class Api(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            init.known.set()

        def do_POST(self) -> None:
            init.error = self.rfile.read(int(self.headers["Content-Length"])).decode()
            init.known.set()
            self.send_response(202)
            self.end_headers()

        def log_message(self, format: str, *values: object) -> None:
            """Quiet."""

    return ThreadingHTTPServer(("127.0.0.1", 0), Api)


def starts(python: Path, code: Path, layers: Sequence[Path], handler: str, pair: str) -> str | None:
    """None when the module of `handler` loads with the code and the layers alone, else what went wrong."""
    init = Init()
    api = server(init)
    threading.Thread(target=api.serve_forever, daemon=True).start()
    environment = {
        "PATH": os.defpath, "HOME": str(code), "PYTHONPATH": os.pathsep.join([str(code), *map(str, layers)]),
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api.server_address[1]}", "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1", "AWS_LAMBDA_FUNCTION_NAME": "function", "LAMBDA_TASK_ROOT": str(code),
        "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "MLC_PAIR": pair, "MLC_STACK": "stack",
        "MLC_BUCKET": "bucket", "MLC_SECRETS_PREFIX": "stack/", "MLC_ALERTS_TOPIC": "topic",
        **{f"MLC_{name}_TABLE": name.lower() for name in TABLES},
        **{f"MLC_{name}_QUEUE_URL": f"http://127.0.0.1:9/{name.lower()}" for name in QUEUES},
    }
    process = subprocess.Popen(
        [python, "-m", "awslambdaric", handler], cwd=code, env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )
    try:
        answered = init.known.wait(30)
    finally:
        process.kill()
        said = process.communicate()[0]
        api.shutdown()
        api.server_close()
    if init.error or not answered:
        return f"{handler}: {init.error or 'no init within 30 seconds'}\n{said}"
    return None
