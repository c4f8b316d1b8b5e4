"""What `sam build` makes: right processor, glibc and byte code, nothing superfluous; it starts in a bare Lambda."""

from __future__ import annotations

import importlib.util
import os
import re
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from local.cloud import Target, build, host_target
from tests.package.runtime import starts

ROOT = Path(__file__).resolve().parents[2]
MACHINES = {"x86_64": 62, "arm64": 183}  # e_machine of the ELF header
NEWEST_GLIBC = {"python3.11": (2, 26), "python3.12": (2, 34), "python3.13": (2, 34)}  # Amazon Linux 2, 2023
PAIRS = ["AcumaticaShipbob", "AcumaticaShipstation", "NetsuiteShipbob", "DynamicsgpShipbob", "AcumaticaUps"]
LAYER_BYTES = 50_000_000  # unzipped; the quota for all layers and the function together is 262 MB
LIBRARIES = ("DependenciesLayer", "DynamicsGpDependenciesLayer")
EXTRA_BYTES = {"DynamicsGpDependenciesLayer": 20_000_000}  # lxml, NTLM

pytestmark = [pytest.mark.package, pytest.mark.slow]


@pytest.fixture(scope="session")
def host_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle built for this machine and Python."""
    return build(host_target(), tmp_path_factory.mktemp("host")).template.parent


@pytest.fixture(scope="session", params=["python3.13-arm64", "python3.11-arm64", "python3.12-x86_64"])
def foreign(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Target, Path]:
    """The bundle built for another target, the template's default among them."""
    target = Target(*request.param.rsplit("-", 1))
    return target, build(target, tmp_path_factory.mktemp(request.param)).template.parent


def shared_objects(folder: Path) -> list[Path]:
    """The compiled libraries of a layer."""
    found = sorted(folder.rglob("*.so"))
    assert found, f"no compiled library under {folder}: did the layer build at all?"
    return found


def machine(library: Path) -> int:
    """The processor in the ELF header."""
    header = library.read_bytes()[:20]
    assert header[:4] == b"\x7fELF"
    return int(struct.unpack("<H", header[18:20])[0])


def glibc_needed(library: Path) -> tuple[int, int]:
    """The newest glibc symbol version that a library asks for."""
    found = re.findall(rb"GLIBC_(\d+)\.(\d+)", library.read_bytes())
    return max((int(major), int(minor)) for major, minor in found) if found else (0, 0)


def magic_number(runtime: str) -> bytes | None:
    """The byte code magic of a Python version, asked of an interpreter of it; None where the host has none."""
    sys.path.insert(0, str(ROOT / "layers"))
    try:
        from build import interpreters  # type: ignore[import-not-found]
    finally:
        sys.path.remove(str(ROOT / "layers"))
    interpreter = next(interpreters(runtime.removeprefix("python")), None)
    if interpreter is None:
        return None
    code = "import importlib.util, sys; sys.stdout.buffer.write(importlib.util.MAGIC_NUMBER)"
    return subprocess.run([interpreter, "-c", code], capture_output=True, check=True).stdout


def byte_code(folder: Path) -> list[Path]:
    """Every compiled module under a folder."""
    return sorted(folder.rglob("*.pyc"))


def test_libraries_are_for_the_target_processor_and_glibc(foreign: tuple[Target, Path]) -> None:
    target, folder = foreign
    for library in [found for layer in LIBRARIES for found in shared_objects(folder / layer)]:
        assert machine(library) == MACHINES[target.architecture], library
        assert glibc_needed(library) <= NEWEST_GLIBC[target.runtime], library
        version = target.runtime.removeprefix("python").replace(".", "")
        assert f"cpython-{version}-" in library.name or "abi3" in library.name


@pytest.mark.parametrize("part", [*LIBRARIES, "ConnectorLayer", "AcumaticaShipbobWork"])
def test_byte_code_is_of_the_target_runtime_and_never_checked(foreign: tuple[Target, Path], part: str) -> None:
    target, folder = foreign
    expected = magic_number(target.runtime)
    found = byte_code(folder / part)
    if expected is None:
        assert found == [], "byte code of another Python version would be dead weight"
        return
    assert len(found) == len(list((folder / part).rglob("*.py")))
    for compiled in found:
        magic, flags = compiled.read_bytes()[:4], compiled.read_bytes()[4:8]
        assert magic == expected, compiled
        assert flags == b"\x01\x00\x00\x00", f"{compiled} is checked against its source at every start"


def test_the_host_build_has_the_hosts_byte_code(host_build: Path) -> None:
    found = byte_code(host_build / "ConnectorLayer")
    assert found
    assert {compiled.read_bytes()[:4] for compiled in found} == {importlib.util.MAGIC_NUMBER}


def test_layers_carry_no_aws_sdk_no_scripts_and_no_tests(host_build: Path) -> None:
    folder = host_build / "DependenciesLayer" / "python"
    names = {path.name for path in folder.iterdir()}
    assert not names & {"boto3", "botocore", "s3transfer", "moto", "pytest", "bin", ".lock"}
    pinned = re.findall(r"^([\w-]+)==(\S+)", (ROOT / "layers/dependencies/requirements.txt").read_text("utf-8"), re.M)
    for name, version in pinned:
        assert f"{name.replace('-', '_')}-{version}.dist-info".lower() in {found.lower() for found in names}


def test_layers_stay_small(foreign: tuple[Target, Path]) -> None:
    _, folder = foreign
    for layer in ("ConnectorLayer", *LIBRARIES):
        size = sum(path.stat().st_size for path in (folder / layer).rglob("*") if path.is_file())
        assert size < LAYER_BYTES + EXTRA_BYTES.get(layer, 0), f"{layer} has {size} bytes"


@pytest.mark.parametrize("pair", PAIRS)
def test_a_function_holds_its_own_pair_alone(host_build: Path, pair: str) -> None:
    """A change in one pair must not deploy another."""
    package = re.sub(r"([a-z])([A-Z])", r"\1_\2", pair).lower()
    for entry in ("Webhook", "Poll", "Work"):
        assert [path.name for path in (host_build / f"{pair}{entry}").iterdir()] == [package]


def test_the_operator_api_holds_every_pair_and_the_command_s_functions(host_build: Path) -> None:
    found = {path.name for path in (host_build / "Operations").iterdir()}
    assert found == {"operations", "cli", *(re.sub(r"([a-z])([A-Z])", r"\1_\2", pair).lower() for pair in PAIRS)}


@pytest.fixture(scope="session")
def bare_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with what Lambda brings and nothing else: the runtime client and botocore."""
    folder = tmp_path_factory.mktemp("bare")
    locked = (ROOT / "requirements-dev.txt").read_text("utf-8")
    wanted = [line.split(" ")[0] for line in locked.splitlines() if re.match(r"(awslambdaric|boto3|botocore)==", line)]
    uv = Path(sys.executable).parent / "uv"
    environment = {**os.environ, "UV_SYSTEM_CERTS": "1"}
    subprocess.run([uv, "venv", "-q", "--python", sys.executable, folder], check=True, env=environment)
    install = [uv, "pip", "install", "-q", "--python", folder / "bin" / "python", *wanted]
    subprocess.run(install, check=True, env=environment)
    return folder / "bin" / "python"


@pytest.mark.parametrize("entry", ["Webhook", "Poll", "Work"])
@pytest.mark.parametrize("pair", PAIRS)
def test_every_entry_module_starts_in_a_bare_lambda(host_build: Path, bare_python: Path, pair: str, entry: str) -> None:
    """The embedded AWS sees the development environment's packages; only this finds one that the layer lacks."""
    package = re.sub(r"([a-z])([A-Z])", r"\1_\2", pair).lower()
    own = LIBRARIES[1] if pair == "DynamicsgpShipbob" and entry != "Webhook" else LIBRARIES[0]
    layers = [host_build / layer / "python" for layer in ("ConnectorLayer", own)]
    trouble = starts(bare_python, host_build / f"{pair}{entry}", layers, f"{package}.{entry.lower()}.handler", package)
    assert trouble is None, trouble


def test_the_operator_api_starts_in_a_bare_lambda(host_build: Path, bare_python: Path) -> None:
    """It has no terminal: Typer and Rich are in no layer."""
    layers = [host_build / layer / "python" for layer in ("ConnectorLayer", "DynamicsGpDependenciesLayer")]
    trouble = starts(bare_python, host_build / "Operations", layers, "operations.api.handler", "")
    assert trouble is None, trouble


def test_the_layer_of_dynamics_gp_holds_what_is_loaded_later(host_build: Path, bare_python: Path) -> None:
    """lxml and NTLM load with the first message, so that no start of a function shows whether they are there."""
    libraries = host_build / LIBRARIES[1] / "python"
    code = "import lxml.etree, requests_ntlm, spnego; spnego.client('u', 'p', protocol='ntlm').step()"
    environment = {"PATH": os.defpath, "PYTHONPATH": str(libraries)}
    done = subprocess.run([bare_python, "-c", code], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
