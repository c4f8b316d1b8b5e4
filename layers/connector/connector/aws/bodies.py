"""Bodies in the S3 bucket. Encryption is the bucket's default."""

from __future__ import annotations

from botocore.exceptions import ClientError

from connector.aws.clients import Clients
from connector.environment import Environment


class S3Bodies:
    """Implements `connector.ports.Bodies`. Needs s3:ListBucket: without it S3 says 403 about an absent key."""

    def __init__(self, environment: Environment, clients: Clients) -> None:
        self._environment = environment
        self._clients = clients

    def put(self, key: str, content: bytes, content_type: str = "application/octet-stream") -> None:
        """PutObject (up to 5 GB; keys up to 1,024 bytes). Durable when it returns."""
        bucket = self._environment.bucket_name()
        self._clients.client("s3").put_object(Bucket=bucket, Key=key, Body=content, ContentType=content_type)

    def get(self, key: str) -> bytes:
        """GetObject. Raises KeyError when there is none."""
        bucket = self._environment.bucket_name()
        try:
            reply = self._clients.client("s3").get_object(Bucket=bucket, Key=key)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") == "NoSuchKey":
                raise KeyError(key) from error
            raise
        content: bytes = reply["Body"].read()
        return content
