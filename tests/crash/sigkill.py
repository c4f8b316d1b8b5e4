"""Real SIGKILLs: which process holds the other end of a simulator's connection, and its sudden death.

The embedded AWS runs functions as child processes of its own group. While a simulator answers a write, the process that
sent it is surely working on a record; it is found by the port of its end of the connection (Linux: /proc).
"""

from __future__ import annotations

import hashlib
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.simulators.base import ConnectionDropped, Reply, Request
from local.simulators.server import SimulatorServer

PROC = Path("/proc")
WRITES = frozenset({"PUT", "POST", "PATCH"})
HARMLESS = ("/identity/", "/auth/", "Inquiry", "/connect/", ":query")
PER_WRITE = 2
"""So often the sender of the same write is killed; then it is let through."""

PER_KIND = 4
"""So many kills at one kind of write (an order's creation, a confirmation), so that every flow has its share."""


def available() -> bool:
    """Whether this machine shows whose a connection is."""
    return (PROC / "net" / "tcp").exists()


def owner_of(port: int, group: int) -> int | None:
    """The process of a group that owns the local TCP port `port`."""
    inode = _inode_of(port)
    return next((pid for pid in _members(group) if inode and _has(pid, inode)), None)


def _inode_of(port: int) -> str:
    """The socket whose own port this is. The other end of the connection is another line of the table."""
    for line in (PROC / "net" / "tcp").read_text().splitlines()[1:]:
        columns = line.split()
        if int(columns[1].rpartition(":")[2], 16) == port:
            return columns[9]
    return ""


def _members(group: int) -> Iterator[int]:
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            try:
                if os.getpgid(int(entry.name)) == group:
                    yield int(entry.name)
            except ProcessLookupError:
                continue


def _has(pid: int, inode: str) -> bool:
    try:
        return any(os.readlink(found) == f"socket:[{inode}]" for found in (PROC / str(pid) / "fd").iterdir())
    except OSError:  # it ended while we looked
        return False


def _last_part(path: str) -> str:
    """What the write is about: `order`, `ConfirmShipment`, `product/#`."""
    parts = [part for part in path.split("/") if part]
    return f"{parts[-2]}/#" if parts[-1].isdigit() else parts[-1]


@dataclass
class Killer:
    """Kills senders of writes: every second time after the vendor acted, every other time before."""

    group: int = 0
    wanted: int = 24
    gap: float = 12.0  # seconds between two kills, so that something goes on in between
    killed: list[str] = field(default_factory=list)
    _last: float = 0.0
    _seen: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _peer: threading.local = field(default_factory=threading.local)

    def serve(self, simulator: Any) -> SimulatorServer:
        """A server for the simulator whose clients may die."""
        handle = simulator.handle
        simulator.handle = lambda request: self._handle(simulator.name, handle, request)
        server = SimulatorServer(simulator)
        http = server._http
        answer = http.process_request_thread

        def noting(connection: Any, address: Any) -> None:
            self._peer.port = address[1]
            answer(connection, address)

        http.process_request_thread = noting  # type: ignore[method-assign, assignment]
        return server

    def _handle(self, name: str, handle: Any, request: Request) -> Reply:
        pid = self._victim(request)
        if pid is None:
            reply: Reply = handle(request)
            return reply
        after = len(self.killed) % 2 == 0
        if after:
            handle(request)
        os.kill(pid, signal.SIGKILL)
        what = f"{name} {request.method} {_last_part(request.path)}"
        self.killed.append(f"{what}, {'after' if after else 'before'} it acted (pid {pid})")
        raise ConnectionDropped("drop_after" if after else "drop_before")

    def _victim(self, request: Request) -> int | None:
        """The sender of a write whose turn it is to die."""
        if not self.group or request.method not in WRITES or any(part in request.path for part in HARMLESS):
            return None
        print_of = hashlib.sha256(f"{request.method} {request.path}".encode() + request.body).hexdigest()
        with self._lock:
            now = time.monotonic()
            kind = f"{request.method} {_last_part(request.path)}"
            full = len(self.killed) >= self.wanted or self._seen[print_of] >= PER_WRITE or self._seen[kind] >= PER_KIND
            if full or now - self._last < self.gap:
                return None
            pid = owner_of(self._peer.port, self.group)
            if pid is not None:
                self._last = now
                self._seen.update([print_of, kind])
            return pid
