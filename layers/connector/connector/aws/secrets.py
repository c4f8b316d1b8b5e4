"""Secrets in Secrets Manager, each with its current and its previous version."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from connector.aws.clients import Clients
from connector.environment import Environment
from connector.ports import Secret

MAXIMUM_BYTES = 65_536  # Secrets Manager quotas: secret value


def check_secret(name: str, text: str) -> None:
    """Raises ValueError, without the text, for what Secrets Manager would refuse."""
    size = len(text.encode())
    if not 1 <= size <= MAXIMUM_BYTES:
        raise ValueError(f"secret {name}: {size} bytes, but Secrets Manager takes 1 to {MAXIMUM_BYTES}")


class ManagedSecrets:
    """Implements `connector.ports.Secrets`.

    Stages are always named: an unnamed one is answered differently by emulators after a rotation. Secrets Manager
    keeps about 100 recent versions: write when a value changed (tokens: a few times a day), not on every use.
    """

    def __init__(self, environment: Environment, clients: Clients) -> None:
        self._environment = environment
        self._clients = clients

    def read(self, name: str) -> Secret | None:
        """GetSecretValue for AWSCURRENT and AWSPREVIOUS: two calls, so callers keep the answer for a while."""
        current = self._stage(name, "AWSCURRENT")
        if current is None:
            return None
        previous = self._stage(name, "AWSPREVIOUS")
        return Secret(
            current=current["SecretString"],
            previous=previous["SecretString"] if previous else None,
            version=str(current["VersionId"]),
        )

    def write(self, name: str, text: str) -> str:
        """PutSecretValue, or CreateSecret when there is none yet. botocore's request token makes repetitions safe."""
        check_secret(name, text)
        full = self._environment.secret(name)
        client = self._clients.client("secretsmanager")
        try:
            return str(client.put_secret_value(SecretId=full, SecretString=text)["VersionId"])
        except ClientError as error:
            if _code(error) != "ResourceNotFoundException":
                raise
        key = {"KmsKeyId": self._environment.key_id} if self._environment.key_id else {}
        try:
            return str(client.create_secret(Name=full, SecretString=text, **key)["VersionId"])
        except ClientError as error:
            if _code(error) != "ResourceExistsException":
                raise
        # Somebody else created it between the two calls; theirs becomes the previous version.
        return str(client.put_secret_value(SecretId=full, SecretString=text)["VersionId"])

    def _stage(self, name: str, stage: str) -> dict[str, Any] | None:
        full = self._environment.secret(name)
        try:
            reply: dict[str, Any] = self._clients.client("secretsmanager").get_secret_value(
                SecretId=full, VersionStage=stage
            )
        except ClientError as error:
            if _code(error) == "ResourceNotFoundException":
                return None
            raise
        if "SecretString" not in reply:
            raise ValueError(f"secret {name} is binary; store JSON text with `ml-connector secrets set`")
        return reply


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
