"""Calls of the operator API, signed with the caller's AWS credentials (Signature Version 4, service execute-api)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from cli.failures import Refused


@dataclass(frozen=True)
class SignedApi:
    """Implements `cli.place.Api`. base: the API's own address; a domain in front of it would break the signature."""

    base: str
    session: Any

    def __call__(self, method: str, path: str, values: Mapping[str, Any]) -> tuple[int, bytes]:
        """Raises Refused where there are no credentials, botocore's error where nothing answers."""
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.httpsession import URLLib3Session

        credentials = self.session.get_credentials()
        if credentials is None:
            raise Refused("there are no AWS credentials; sign in to AWS (aws sso login, or --profile)")
        url = f"{self.base}/operations/{path}"
        headers = {"Accept": "application/json"}
        if method == "GET":
            query = urlencode(values, quote_via=quote, safe="")  # signed as sent, and a "+" is not a blank there
            request = AWSRequest(method, f"{url}?{query}" if query else url, headers)
        else:
            headers["Content-Type"] = "application/json"
            request = AWSRequest(method, url, headers, json.dumps(values).encode())
        SigV4Auth(credentials.get_frozen_credentials(), "execute-api", self._region()).add_auth(request)
        reply = URLLib3Session(timeout=35).send(request.prepare())
        return int(reply.status_code), bytes(reply.content)

    def _region(self) -> str:
        """Where the API is, which its own address says; a profile may name another one."""
        named = re.search(r"\.execute-api\.([a-z0-9-]+)\.", self.base)
        return named[1] if named else str(self.session.get_config_variable("region") or "us-east-1")
