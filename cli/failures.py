"""Which failure ends a command with which words and exit code. What is not here is a bug and shows its traceback."""

from __future__ import annotations

from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from cli.codes import FINDINGS, NOT_REACHABLE, USAGE
from cli.pairs import UnknownPair
from cli.place import NotReachable
from connector.connection import InvalidConnection
from connector.faults import ConfigurationFault, FaultKind, VendorFault
from connector.journal import JournalBusy
from connector.ports import QueueRefused
from connector.records import Overtaken

SIGNED_OUT = frozenset(
    {"NoCredentialsError", "ProfileNotFound", "PartialCredentialsError", "ExpiredToken", "ExpiredTokenException"}
)
UNREACHABLE_KINDS = frozenset({FaultKind.NOT_SENT, FaultKind.UNAVAILABLE, FaultKind.THROTTLED, FaultKind.BUDGET})


class Refused(Exception):
    """The command cannot do what was asked; the text says why and what to do."""


class Misused(Exception):
    """The arguments do not fit together; the text says how to call it."""


@dataclass(frozen=True)
class Failure:
    """What a person is told."""

    text: str
    code: int
    problems: tuple[str, ...] = ()


def failure_of(error: Exception) -> Failure | None:
    """The failure that an exception stands for; None for a bug."""
    if isinstance(error, InvalidConnection):
        return Failure("the connection file is not valid", FINDINGS, error.problems)
    if isinstance(error, VendorFault):
        code = NOT_REACHABLE if error.kind in UNREACHABLE_KINDS else FINDINGS
        return Failure(str(error), code)
    if isinstance(error, ConfigurationFault | Refused | UnknownPair):
        return Failure(str(error), FINDINGS)
    if isinstance(error, Misused):
        return Failure(str(error), USAGE)
    if isinstance(error, Overtaken):
        return Failure(f"{error}; run the command again", FINDINGS)
    if isinstance(error, NotReachable | QueueRefused | JournalBusy):
        return Failure(str(error), NOT_REACHABLE)
    if isinstance(error, ClientError | BotoCoreError):
        return Failure(f"AWS did not do what was asked: {error}{_advice(error)}", NOT_REACHABLE)
    return None


def _advice(error: ClientError | BotoCoreError) -> str:
    name = error.response.get("Error", {}).get("Code", "") if isinstance(error, ClientError) else type(error).__name__
    if name in SIGNED_OUT:
        return "; sign in to AWS (aws sso login, or --profile) and run the command again"
    if name == "NoRegionError":
        return "; name the region with --region"
    if name in ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation"):
        return "; ask for rights on this stack's tables, queues and secrets"
    if name in ("EndpointConnectionError", "ConnectionClosedError", "ConnectTimeoutError"):
        return "; is the network up, or for --local: does `ml-connector up` still run?"
    return ""
