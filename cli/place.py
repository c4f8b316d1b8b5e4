"""Where the commands act: a stack in an AWS account, or the local run. Nothing is called before it is needed."""

from __future__ import annotations

import getpass
import io
import json
import sys
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from cli.pairs import PAIRS
from connector.environment import QUEUES, TABLES, Environment
from connector.services import Services

if TYPE_CHECKING:
    from connector.aws import Clients
    from connector.dead_letters import DeadLetters

DEFAULT_STACK = "ml-connector"
RUN_FILE = Path(__file__).resolve().parent.parent / ".local" / "run.json"
RUN_MEMBERS = ("endpoint_url", "region", "access_key_id", "secret_access_key", "stack")
LOCAL_API = "{endpoint}/_aws/execute-api/{api}/v1"
"""Where the embedded AWS answers for a REST API; its own output names a host that does not exist."""


Api = Callable[[str, str, Mapping[str, Any]], tuple[int, bytes]]
"""Method, path below /operations/ and values; answers status and JSON."""


class NotReachable(Exception):
    """The place cannot be reached. The text says what to do."""


class Place(Protocol):
    """What the commands need of where they act."""

    @property
    def name(self) -> str:
        """For headlines: `stack ml-connector in us-east-1`."""
        ...

    def services(self, pair: str = "") -> Services:
        """The stores, and the queues of a pair. Raises NotReachable."""
        ...

    def public_base(self) -> str:
        """The base of the webhook addresses, without a slash at the end."""
        ...

    def who(self) -> str:
        """Who acts, for audit lines."""
        ...

    def secret(self, short: str) -> str:
        """The full name of a secret."""
        ...

    def dead_letters(self, pair: str) -> DeadLetters:
        """The dead-letter queues of a pair. Raises NotReachable."""
        ...

    def pairs(self) -> tuple[str, ...]:
        """The pairs that are deployed here."""
        ...

    def operator_api(self) -> Api:
        """Calls of the operator API of this place, signed as the caller. Raises NotReachable."""
        ...


@dataclass(frozen=True)
class Deployed:
    """What CloudFormation says of a stack."""

    outputs: Mapping[str, str]
    parameters: Mapping[str, str]


@dataclass
class StackPlace:
    """A deployed stack. `verbose` shows the log lines of the kernel on standard error.

    endpoint: the address of the embedded AWS of a local run; "" is AWS itself.
    """

    stack: str
    region: str | None = None
    profile: str | None = None
    verbose: bool = False
    endpoint: str = ""

    @property
    def name(self) -> str:
        if self.endpoint:
            return f"the local run at {self.endpoint}"
        return f"stack {self.stack}" + (f" in {self.region}" if self.region else "")

    def services(self, pair: str = "") -> Services:
        from connector.aws import services_from

        environment = environment_of(self.deployed, self.stack, pair, self.endpoint)
        made = services_from(environment, pair=pair, clients=self.clients)
        # Metrics are for CloudWatch and standard output is for the answer: neither belongs together here.
        return replace(made, log=replace(made.log, stream=sys.stderr if self.verbose else io.StringIO()))

    def public_base(self) -> str:
        return public_base_of(self.deployed, self.endpoint)

    def who(self) -> str:
        if self.endpoint:
            return getpass.getuser()
        caller: str = self.clients.client("sts").get_caller_identity()["Arn"]
        return caller.rpartition(":")[2]

    def secret(self, short: str) -> str:
        return self.deployed.outputs["SecretsPrefix"] + short

    def dead_letters(self, pair: str) -> DeadLetters:
        from connector.aws.dead_letters import SqsDeadLetters

        environment = environment_of(self.deployed, self.stack, pair, self.endpoint)
        names = {"dead": "DeadQueueUrl", "delay-dead": "DelayDeadQueueUrl"}
        urls = {name: self.deployed.outputs[logical_name(pair) + output] for name, output in names.items()}
        return SqsDeadLetters(urls, environment.queues, self.services(pair).queues, self.clients)

    def pairs(self) -> tuple[str, ...]:
        outputs = self.deployed.outputs
        return tuple(pair for pair in PAIRS if f"{logical_name(pair)}DeadQueueUrl" in outputs)

    def operator_api(self) -> Api:
        from cli.operations.signed_api import SignedApi

        base = public_base_of(Deployed(self.deployed.outputs, {}), self.endpoint)
        return SignedApi(base, self.session)

    @cached_property
    def clients(self) -> Clients:
        """One client per service."""
        from connector.aws import Clients

        return Clients(session=self.session)

    @cached_property
    def session(self) -> Any:
        """The credentials and the region that were asked for."""
        import botocore.session

        session = botocore.session.Session(profile=self.profile)
        if self.region:
            session.set_config_variable("region", self.region)
        return session

    @cached_property
    def deployed(self) -> Deployed:
        """One call of CloudFormation a run. Raises NotReachable when there is no such stack."""
        from botocore.exceptions import ClientError

        try:
            found = self.clients.client("cloudformation").describe_stacks(StackName=self.stack)["Stacks"][0]
        except ClientError as error:
            if "does not exist" not in str(error):
                raise
            raise NotReachable(
                f"there is no stack {self.stack!r} in this account and region; name it with --stack, --region and "
                "--profile, or deploy it with `sam deploy --guided`"
            ) from error
        return Deployed(_named(found, "Outputs", "Output"), _named(found, "Parameters", "Parameter"))


def logical_name(pair: str) -> str:
    """How the template names a pair: acumatica_ups is AcumaticaUps."""
    return "".join(word.capitalize() for word in pair.split("_"))


def public_base_of(deployed: Deployed, endpoint: str = "") -> str:
    """The base of the webhook addresses: the stack's parameter, else its API."""
    given = deployed.parameters.get("PublicBaseUrl", "")
    api = deployed.outputs["ApiUrl"]
    if given or not endpoint:
        return given or api
    return LOCAL_API.format(endpoint=endpoint, api=api.partition("://")[2].partition(".")[0])


def environment_of(deployed: Deployed, stack: str, pair: str, endpoint: str = "") -> Environment:
    """The environment that the stack's functions have, read from its outputs. Raises NotReachable."""
    outputs = deployed.outputs
    logical = logical_name(pair)
    queues = {name: outputs.get(f"{logical}{name.capitalize()}QueueUrl", "") for name in QUEUES} if pair else {}
    if pair and not all(queues.values()):
        raise NotReachable(f"stack {stack} was deployed without the pair {pair}; put it back into the template's lists")
    try:
        return Environment(
            pair=pair,
            stack=stack,
            tables={name: outputs[f"{name.capitalize()}Table"] for name in TABLES},
            queues=queues,
            bucket=outputs["Bucket"],
            alerts_topic=outputs["AlertsTopic"],
            secrets_prefix=outputs["SecretsPrefix"],
            key_id=outputs["KeyArn"],
            public_base_url=public_base_of(deployed, endpoint),
        )
    except KeyError as error:
        raise NotReachable(f"stack {stack} has no output {error}; is it an ml-connector of this version?") from error


def local_place(run_file: Path, environ: MutableMapping[str, str], verbose: bool) -> StackPlace:
    """The local run that `run_file` describes. Raises NotReachable.

    From here on this process knows no other AWS: nothing of the caller's shell can lead a local command into a real
    account. botocore reads the address of its services from the environment alone.
    """
    try:
        run: dict[str, Any] = json.loads(run_file.read_text("utf-8"))
        values = {name: str(run[name]) for name in RUN_MEMBERS}
    except FileNotFoundError:
        raise NotReachable("there is no local run; start one with `ml-connector up` and keep it running") from None
    except (ValueError, KeyError, TypeError) as error:
        text = f"{run_file} does not describe a local run ({error}); start `ml-connector up` again"
        raise NotReachable(text) from error
    for name in [name for name in environ if name.startswith("AWS_")]:
        del environ[name]
    environ.update(
        AWS_ENDPOINT_URL=values["endpoint_url"],
        AWS_REGION=values["region"],
        AWS_DEFAULT_REGION=values["region"],
        AWS_ACCESS_KEY_ID=values["access_key_id"],
        AWS_SECRET_ACCESS_KEY=values["secret_access_key"],
        AWS_EC2_METADATA_DISABLED="true",
    )
    return StackPlace(values["stack"], values["region"], None, verbose, values["endpoint_url"].rstrip("/"))


def _named(found: Mapping[str, Any], list_name: str, word: str) -> dict[str, str]:
    return {row[f"{word}Key"]: str(row.get(f"{word}Value", "")) for row in found.get(list_name) or ()}
