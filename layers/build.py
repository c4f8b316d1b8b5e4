"""Fills one layer or function for its target runtime. The makefiles that `sam build` runs call it.

    build.py copy --runtime python3.13 --mounted-at /opt/python --to DIR PACKAGE...
    build.py install --runtime python3.13 --architecture arm64 --mounted-at /opt/python --to DIR requirements.txt

Wheels are chosen for the target, whatever Python and processor this host has. Byte code is compiled by an interpreter
of the target's minor version (another version's would be ignored at every cold start); where the host has none, the
result ships without byte code and says so. Standard library only: the host's `python3` runs it outside any environment.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

WHEEL_PLATFORM = {"arm64": "aarch64", "x86_64": "x86_64"}
NOT_SHIPPED = shutil.ignore_patterns("__pycache__", "*.pyc", "*.md", "tests", "py.typed")


def main() -> None:
    """Reads the command line and builds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=["copy", "install"])
    parser.add_argument("sources", nargs="+", type=Path)
    parser.add_argument("--runtime", required=True, help="python3.11, python3.12 or python3.13")
    parser.add_argument("--architecture", choices=sorted(WHEEL_PLATFORM), help="for install")
    parser.add_argument("--mounted-at", required=True, help="where Lambda mounts the result; shown in tracebacks")
    parser.add_argument("--to", required=True, type=Path)
    options = parser.parse_args()
    version = options.runtime.removeprefix("python")
    options.to.mkdir(parents=True, exist_ok=True)
    if options.action == "copy":
        copy(options.sources, options.to)
    else:
        install(options.sources[0], options.to, version, WHEEL_PLATFORM[options.architecture])
    compile_bytecode(options.to, version, options.mounted_at)


def copy(packages: list[Path], target: Path) -> None:
    """Copies package folders into `target`."""
    for package in packages:
        if not (package / "__init__.py").is_file():
            raise SystemExit(f"{package} has no __init__.py. Check Mappings, Pairs in template.yaml.")
        shutil.copytree(package, target / package.name, ignore=NOT_SHIPPED, dirs_exist_ok=True)


def install(requirements: Path, target: Path, version: str, machine: str) -> None:
    """Installs the pinned wheels for Amazon Linux into `target`: uv where there is one, else pip."""
    tool = shutil.which("uv")
    # manylinux2014 (glibc 2.17) runs on the Amazon Linux of every runtime.
    if tool:
        command = [tool, "pip", "install", "-q", "--python-platform", f"{machine}-manylinux2014"]
    else:
        command = [sys.executable, "-m", "pip", "install", "-q", "--platform", f"manylinux2014_{machine}"]
    command += ["--python-version", version, "--only-binary", ":all:", "--no-deps"]
    command += ["--target", str(target), "-r", str(requirements)]
    environment = {"UV_SYSTEM_CERTS": "1", **os.environ}
    if subprocess.run(command, env=environment).returncode:
        raise SystemExit(f"Could not install {requirements} for Python {version}, {machine}: see above.")
    shutil.rmtree(target / "bin", ignore_errors=True)  # console scripts with this host's interpreter in the first line
    (target / ".lock").unlink(missing_ok=True)


def compile_bytecode(target: Path, version: str, mounted_at: str) -> None:
    """Compiles with hashes that are never checked: Lambda mounts the files read-only and with other times."""
    interpreter = next(interpreters(version), None)
    if interpreter is None:
        print(
            f"WARNING: no Python {version} on this machine, so {target} ships without byte code and every cold start"
            f" compiles it (0.1 to 0.5 seconds). Install Python {version} and build again to avoid that.",
            file=sys.stderr,
        )
        return
    done = subprocess.run(
        [interpreter, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash",
         "-s", str(target), "-p", mounted_at, str(target)],
    )
    if done.returncode:
        raise SystemExit(f"Python {version} does not compile {target}: see above. Nothing was built.")


def interpreters(version: str) -> Iterator[str]:
    """Working interpreters of this minor version: this one, those on PATH, those of pyenv."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates = [sys.executable, f"python{version}", *map(str, sorted(pyenv.glob(f"{version}.*/bin/python")))]
    for candidate in candidates:
        try:
            answer = subprocess.run(
                [candidate, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], capture_output=True, text=True
            )
        except FileNotFoundError:
            continue
        if answer.stdout.strip() == version:
            yield candidate


if __name__ == "__main__":
    main()
