"""What people do. Operators type `ml-connector` commands; here they are typed for them, in processes of their own."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from local.cloud import tool
from local.embedded import ROOT

PATIENCE = 60.0


class CommandFailed(Exception):
    """An `ml-connector` command did not do what it was asked for; the text holds its words."""


class Operator:
    """Types commands against one run. `begin` does not wait: the story goes on while a command runs."""

    def __init__(self, run_file: Path) -> None:
        self._run_file = run_file
        self._hands = ThreadPoolExecutor(max_workers=4, thread_name_prefix="operator")

    def begin(self, *words: str, given: Any = None) -> Future[Any]:
        """Starts a command; the future holds its JSON answer. `given` goes in on standard input, as JSON."""
        return self._hands.submit(self.command, words, given)

    def command(self, words: Sequence[str], given: Any = None) -> Any:
        """Runs `ml-connector WORDS --json` to its end. Raises CommandFailed."""
        command = [tool("ml-connector"), "--run-file", str(self._run_file), "--local", *words, "--json"]
        text = json.dumps(given) if given is not None else ""
        done = subprocess.run(command, cwd=ROOT, input=text, capture_output=True, text=True, timeout=PATIENCE)
        if done.returncode:
            said = f"{done.stdout.strip()} {done.stderr.strip()}".strip()
            raise CommandFailed(f"ml-connector {' '.join(words)} ended with code {done.returncode}: {said}")
        return json.loads(done.stdout)

    def after(self, work: Callable[[], None]) -> Future[Any]:
        """Does several things one after the other, beside the story."""
        return self._hands.submit(work)

    def store_secret(self, connection: str, system: str, members: Mapping[str, Any]) -> Future[Any]:
        """`secrets set`: credentials go in by standard input."""
        return self.begin("secrets", "set", connection, system, given=members)

    def apply(self, document: Mapping[str, Any]) -> Future[Any]:
        """`connections apply`."""
        return self.begin("connections", "apply", "-", given=document)

    def close(self) -> None:
        """Waits for the commands that still run."""
        self._hands.shutdown(wait=True)
