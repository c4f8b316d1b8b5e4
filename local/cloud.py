"""The bundle deployed on this machine: the real `sam build` and `sam deploy` onto the embedded AWS.

    with embedded_aws() as cloud:
        stack = deploy(cloud, build(host_target()), {"VisibilityTimeoutSeconds": "10"})
        cloud.client("sqs").send_message(QueueUrl=stack.resources["AcumaticaShipbobLiveQueue"], ...)

Not like AWS, measured with ministack 1.5.33: functions run on the interpreter that runs ministack, whatever `Runtime`
says; tables get no TTL, no encryption and no recovery; and the four things that `correct_emulator` puts right.
`python -m local.cloud` keeps a deployed stack until Ctrl-C.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from local.embedded import ROOT, Cloud, CloudFailed, credentials, embedded_aws

__all__ = ["Built", "Cloud", "CloudFailed", "Stack", "Target", "build", "deploy", "describe", "embedded_aws",
           "host_target", "only_pairs"]

TEMPLATE = ROOT / "template.yaml"
STACK_NAME = "ml-connector"

PAIR_LIST = re.compile(r"(- Pair\n\s+- )\[([\w, ]+)\]")
"""The lists of the template that name the pairs."""


@dataclass(frozen=True)
class Target:
    """What functions and layers are built for."""

    runtime: str  # as in the template's parameter: "python3.13"
    architecture: str  # "arm64" or "x86_64"

    def parameters(self) -> dict[str, str]:
        """The template parameters that say so."""
        return {"Runtime": self.runtime, "Architecture": self.architecture}


@dataclass(frozen=True)
class Built:
    """The result of `sam build`."""

    template: Path
    target: Target


@dataclass(frozen=True)
class Stack:
    """A deployed stack: physical ids by logical id, outputs by name, and the API's address on this machine."""

    name: str
    resources: Mapping[str, str]
    outputs: Mapping[str, str]
    api_url: str


def host_target() -> Target:
    """This machine and this Python: what ministack can run."""
    machine = platform.machine().lower()
    return Target(
        runtime=f"python{sys.version_info.major}.{sys.version_info.minor}",
        architecture="arm64" if machine in ("arm64", "aarch64") else "x86_64",
    )


def only_pairs(template: str, pairs: Sequence[str]) -> str:
    """The template's text with only these pairs (logical names, as AcumaticaUps) left in its lists."""
    lists = PAIR_LIST.findall(template)
    known = {name.strip() for _, names in lists for name in names.split(",")}
    if not pairs or not set(pairs) <= known:
        raise CloudFailed(f"The template knows the pairs {sorted(known)}, not {sorted(set(pairs) - known)}.")
    return PAIR_LIST.sub(lambda found: f"{found[1]}[{', '.join(pairs)}]", template)


def build(target: Target, folder: Path | None = None, template: Path = TEMPLATE) -> Built:
    """`sam build` into `folder` (default .aws-sam/local), with a cache shared by all builds. Raises CloudFailed."""
    folder = folder or ROOT / ".aws-sam" / "local"
    cache = ROOT / ".aws-sam" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    command = [
        tool("sam"), "build", "--template-file", str(template), "--base-dir", str(ROOT),
        "--config-file", str(ROOT / "samconfig.toml"), "--build-dir", str(folder), "--cache-dir", str(cache),
        "--parameter-overrides", *pairs_of(target.parameters()),
    ]
    # Two builds at a time would overwrite each other's book of the cache (.aws-sam/build.toml).
    with (ROOT / ".aws-sam" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        environment = {**os.environ, **credentials(), "SAM_CLI_TELEMETRY": "0"}
        environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment.get("PATH", os.defpath)])
        run(command, environment)
    return Built(folder / "template.yaml", target)


def deploy(cloud: Cloud, built: Built, parameters: Mapping[str, str], name: str = STACK_NAME) -> Stack:
    """The real `sam deploy` onto the embedded AWS; answers what stands there. Raises CloudFailed."""
    values = {**parameters, **built.target.parameters()}
    command = [
        tool("sam"), "deploy", "--template-file", str(built.template), "--stack-name", name,
        "--config-file", str(ROOT / "samconfig.toml"), "--no-confirm-changeset", "--no-progressbar",
        "--parameter-overrides", *pairs_of(values),
    ]
    try:
        run(command, cloud.environment())
    except CloudFailed as failure:
        raise CloudFailed(f"{failure}\n{failed_resources(cloud, name)}") from None
    stack = describe(cloud, name)
    correct_emulator(cloud, stack, int(values.get("MaximumConcurrency", "2")))
    return stack


def failed_resources(cloud: Cloud, name: str) -> str:
    """Which resources a deployment failed on, and why; empty when it never came to that."""
    formation = cloud.client("cloudformation")
    try:
        pages = list(formation.get_paginator("describe_stack_events").paginate(StackName=name))
    except formation.exceptions.ClientError as error:
        return str(error)
    events = [event for page in pages for event in page["StackEvents"] if event["ResourceStatus"].endswith("_FAILED")]
    return "\n".join(f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason')}" for event in events)


def describe(cloud: Cloud, name: str = STACK_NAME) -> Stack:
    """What a deployed stack consists of."""
    formation = cloud.client("cloudformation")
    pages = formation.get_paginator("list_stack_resources").paginate(StackName=name)
    resources = {
        row["LogicalResourceId"]: row["PhysicalResourceId"] for page in pages for row in page["StackResourceSummaries"]
    }
    outputs = formation.describe_stacks(StackName=name)["Stacks"][0].get("Outputs", [])
    return Stack(
        name=name, resources=resources,
        outputs={row["OutputKey"]: row["OutputValue"] for row in outputs},
        api_url=f"{cloud.endpoint}/_aws/execute-api/{resources['Api']}/v1",
    )


def correct_emulator(cloud: Cloud, stack: Stack, workers: int) -> None:
    """What AWS makes of the template and ministack 1.5.33 does not.

    AWS turns the parameter MaximumConcurrency into a number; ministack keeps the text and its queue poller fails for
    ever. AWS reads the escaped binary media type `*~1*` as `*/*`; ministack takes it as written and hands bodies on
    as text. AWS allows SendMessageBatch with `sqs:SendMessage` (there is no other action); ministack asks for
    `sqs:SendMessageBatch`. AWS is called by https, ministack is not. AWS has a native redrive, ministack has none.
    """
    functions = cloud.client("lambda")
    for page in functions.get_paginator("list_event_source_mappings").paginate():
        for mapping in page["EventSourceMappings"]:
            functions.update_event_source_mapping(UUID=mapping["UUID"], ScalingConfig={"MaximumConcurrency": workers})
    cloud.client("apigateway").update_rest_api(
        restApiId=stack.resources["Api"], patchOperations=[{"op": "add", "path": "/binaryMediaTypes/*~1*"}]
    )
    # The bucket refuses plain http (aws:SecureTransport), and here is nothing else.
    cloud.client("s3").delete_bucket_policy(Bucket=stack.resources["Bucket"])
    for logical, role in stack.resources.items():
        if logical.endswith(("WebhookRole", "PollRole", "WorkRole", "OperationsRole")):
            allow_batches(cloud, role)
    allow_move_tasks(cloud, stack.resources["OperationsRole"])


def allow_move_tasks(cloud: Cloud, role: str) -> None:
    """ministack knows no native redrive, so it cannot tell which queue is meant; it shall say that it has none."""
    actions = ["sqs:StartMessageMoveTask", "sqs:ListMessageMoveTasks", "sqs:CancelMessageMoveTask"]
    document = {
        "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}],
    }  # fmt: skip
    cloud.client("iam").put_role_policy(RoleName=role, PolicyName="MoveTasks", PolicyDocument=json.dumps(document))


def allow_batches(cloud: Cloud, role: str) -> None:
    """Where a role may send messages it may send them in batches: AWS has no action of its own for that."""
    iam = cloud.client("iam")
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        sending = [rule for rule in document["Statement"] if rule["Action"] == "sqs:SendMessage"]
        if sending:
            batches = {**document, "Statement": [{**rule, "Action": "sqs:SendMessageBatch"} for rule in sending]}
            iam.put_role_policy(RoleName=role, PolicyName=f"{name}Batches", PolicyDocument=json.dumps(batches))


def pairs_of(parameters: Mapping[str, str]) -> list[str]:
    """Parameters as sam's command line takes them."""
    return [f"ParameterKey={name},ParameterValue={value}" for name, value in parameters.items()]


def tool(name: str) -> str:
    """The command of this environment, before any other of that name."""
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        raise CloudFailed(f"The command {name} is missing. Run: make environment")
    return found


def run(command: Sequence[str], environment: Mapping[str, str]) -> None:
    """Runs a tool to its end. Raises CloudFailed with the end of what it said."""
    done = subprocess.run(
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )
    if done.returncode:
        said = "\n".join(done.stdout.splitlines()[-40:])
        raise CloudFailed(f"{Path(command[0]).name} {command[1]} failed (code {done.returncode}):\n{said}")


# ---------------------------------------------------------------- command


def raise_on_sigterm() -> None:
    """A polite stop must run the `finally` blocks, as Ctrl-C does."""

    def leave(number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, leave)


def main() -> None:
    """Deploys, prints the stack as JSON, waits for Ctrl-C (or ends at once with --once)."""
    parser = argparse.ArgumentParser(prog="python -m local.cloud", description="Deploy onto an AWS on this machine.")
    parser.add_argument("--port", type=int, help="port of the embedded AWS (default: a free one)")
    parser.add_argument("--pair", action="append", help="deploy only this pair (AcumaticaUps); may be repeated")
    parser.add_argument("--once", action="store_true", help="deploy, print, stop: a check of the template")
    options = parser.parse_args()
    raise_on_sigterm()
    try:
        with embedded_aws(options.port) as cloud:
            began = time.monotonic()
            template = TEMPLATE
            if options.pair:
                template = cloud.folder / "template.yaml"
                template.write_text(only_pairs(TEMPLATE.read_text("utf-8"), options.pair), "utf-8")
            built = build(host_target(), cloud.folder / "build" if options.pair else None, template)
            between = time.monotonic()
            stack = deploy(cloud, built, {})
            ended = time.monotonic()
            print(json.dumps({"endpoint": cloud.endpoint, "api": stack.api_url, **stack.resources}, indent=1))
            print(f"built in {between - began:.1f} s, deployed in {ended - between:.1f} s", file=sys.stderr)
            if not options.once:
                print("Ctrl-C stops it.", file=sys.stderr)
                threading.Event().wait()
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except CloudFailed as failure:
        raise SystemExit(str(failure)) from None


if __name__ == "__main__":
    main()
