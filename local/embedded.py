"""ministack as a child process: an AWS on loopback that is surely stopped again.

`AUTH=true`: the functions' roles are enforced. The access key `test` is ministack's root caller, like an account's
administrator; it is what `sam deploy` and the returned clients use.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 30.0
MEMORY = Path("/dev/shm")  # noqa: S108 - private folders are made in it
MEMORY_NEEDED = 1024**3  # every running function takes 25 MB there
STOP_SECONDS = 10.0


class CloudFailed(Exception):
    """The embedded AWS, a build or a deployment did not come up; the text holds the tool's own words."""


@dataclass(frozen=True)
class Cloud:
    """A running embedded AWS."""

    endpoint: str
    folder: Path
    log: Path
    process: subprocess.Popen[bytes]

    def environment(self) -> dict[str, str]:
        """What a child process needs in order to talk to this AWS and to no other."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHONPATH"))}
        return {**kept, **credentials(), "AWS_ENDPOINT_URL": self.endpoint, "SAM_CLI_TELEMETRY": "0"}

    def client(self, service: str) -> Any:
        """A boto3 client of this AWS."""
        return boto3.client(service, **self._arguments())  # type: ignore[call-overload]

    def _arguments(self) -> dict[str, str]:
        return {
            "endpoint_url": self.endpoint, "region_name": "us-east-1",
            "aws_access_key_id": "test", "aws_secret_access_key": "test",
        }


def credentials() -> dict[str, str]:
    """ministack's root caller, in every place where a real account could otherwise come from."""
    return {
        "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1", "AWS_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


@contextlib.contextmanager
def embedded_aws(port: int | None = None) -> Iterator[Cloud]:
    """Starts ministack and stops it, and everything that it started, whatever happens. `port` None: a free one."""
    parent = ROOT / ".local"
    parent.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="cloud-", dir=parent))
    scratch = scratch_folder(folder)
    try:
        cloud = start(folder, port or free_port(), scratch)
        try:
            yield cloud
        finally:
            stop(cloud.process)
    finally:
        for each in (scratch, folder):
            shutil.rmtree(each, ignore_errors=True)


def scratch_folder(folder: Path, memory: Path = MEMORY) -> Path:
    """Where functions are unpacked, 1,500 small files for each of a dozen workers: in memory where there is room.

    On a disk that is told of every freed block (mount option discard) removing them takes longer than the deployment.
    """
    remove_left_behind(memory)
    try:
        found = os.statvfs(memory)
    except OSError:
        return folder / "tmp"
    executable = not found.f_flag & getattr(os, "ST_NOEXEC", 0)  # compiled packages are among the files
    if executable and os.access(memory, os.W_OK) and found.f_bavail * found.f_frsize >= MEMORY_NEEDED:
        return Path(tempfile.mkdtemp(prefix=f"ml-connector-{os.getpid()}-", dir=memory))
    return folder / "tmp"


def remove_left_behind(memory: Path) -> None:
    """Removes what a killed run has left in memory."""
    for each in memory.glob("ml-connector-*-*"):
        number = each.name.split("-")[2]
        if number.isdigit() and not Path(f"/proc/{number}").exists():
            shutil.rmtree(each, ignore_errors=True)


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(folder: Path, port: int, scratch: Path | None = None) -> Cloud:
    """Starts ministack with its state under `folder` and waits until it answers. The caller stops it."""
    scratch = scratch or folder / "tmp"
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise CloudFailed(f"Port {port} is taken. Give another one, or stop what listens there.")
    for needed in (folder / "s3", folder / "state", scratch):
        needed.mkdir(parents=True, exist_ok=True)
    log = folder / "ministack.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "ministack"], cwd=folder, env=ministack_environment(folder, port, scratch),
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches us alone, and we stop the whole group in order
        )
    cloud = Cloud(f"http://127.0.0.1:{port}", folder, log, process)
    try:
        wait_until_ready(cloud)
    except BaseException:
        stop(process)
        raise
    return cloud


def ministack_environment(folder: Path, port: int, scratch: Path) -> dict[str, str]:
    """Nothing of the caller's Python path or AWS settings: the functions inherit what ministack has."""
    dropped = ("AWS_", "PYTHONPATH", "MLC_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    return {
        **kept, **credentials(), "AUTH": "true", "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port),
        "MINISTACK_HOST": "127.0.0.1", "IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0",
        "S3_DATA_DIR": str(folder / "s3"), "STATE_DIR": str(folder / "state"), "TMPDIR": str(scratch),
    }


def wait_until_ready(cloud: Cloud) -> None:
    """Waits for the health answer of our own child. Raises CloudFailed with the end of its log."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if cloud.process.poll() is not None:
            raise CloudFailed(f"ministack ended with code {cloud.process.returncode}:\n{tail(cloud.log)}")
        try:
            with urllib.request.urlopen(f"{cloud.endpoint}/_ministack/health", timeout=2):
                pass
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
            continue
        if cloud.process.poll() is None:
            return
    raise CloudFailed(f"ministack did not answer within {START_SECONDS:.0f} seconds:\n{tail(cloud.log)}")


def stop(process: subprocess.Popen[bytes]) -> None:
    """SIGTERM, then SIGKILL for what is left of its process group (its functions are processes of that group)."""
    if process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def tail(log: Path, lines: int = 30) -> str:
    """The last lines of a log."""
    return "\n".join(log.read_text("utf-8", "replace").splitlines()[-lines:])
