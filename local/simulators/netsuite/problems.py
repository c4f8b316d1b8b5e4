"""The error bodies of NetSuite, and the exception that carries one to the caller.

Codes and words are the vendor's where its material names them. Where a rule is documented but its text is not, the
text is ours under USER_ERROR: a client may decide on the status and the documented codes, and on nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from local.simulators.base import Reply

RFC = "https://www.rfc-editor.org/rfc/rfc9110.html#section-"
_TITLES = {
    400: ("15.5.1", "Bad Request"),
    401: ("15.5.2", "Unauthorized"),
    403: ("15.5.4", "Forbidden"),
    404: ("15.5.5", "Not Found"),
    405: ("15.5.6", "Method Not Allowed"),
    415: ("15.5.16", "Unsupported Media Type"),
    429: ("15.5.1", "Bad Request"),  # so it is printed in the vendor's own sample
    500: ("15.6.1", "Internal Server Error"),
    503: ("15.6.4", "Service Unavailable"),
}
NO_SUCH_TRANSACTION = "Transaction type specified is incorrect."
NO_LINES = "You must have at least one valid line item for this transaction."
LOGIN = (
    "Invalid login attempt. For more details, see the Login Audit Trail in the NetSuite UI at Setup > Users/Roles > "
    "User Management > View Login Audit Trail."
)


class Rejection(Exception):
    """NetSuite says no: carries the reply that the caller gets."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(f"{reply.status} {reply.body[:200]!r}")
        self.reply = reply


def error(
    status: int,
    code: str,
    detail: str,
    where: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """An error body with one detail; `where` holds o:errorPath, o:errorQueryParam and the like."""
    section, title = _TITLES[status]
    document = {
        "type": RFC + section,
        "title": title,
        "status": status,
        "o:errorDetails": [{"detail": detail, **(where or {}), "o:errorCode": code}],
    }
    kind = "application/vnd.oracle.resource+json; type=error; charset=UTF-8"
    return Reply(status, {"Content-Type": kind, **(headers or {})}, json.dumps(document, ensure_ascii=False).encode())


def user_error(detail: str, path: str = "") -> Rejection:
    """400 USER_ERROR: a business rule says no."""
    text = detail if detail.startswith("Error while") else f"Error while accessing a resource. {detail}"
    return Rejection(error(400, "USER_ERROR", text, {"o:errorPath": path} if path else None))


def invalid(detail: str, path: str = "") -> Rejection:
    """400 INVALID_CONTENT: a value or a property that does not belong there."""
    return Rejection(error(400, "INVALID_CONTENT", detail, {"o:errorPath": path} if path else None))


def missing_values(names: str) -> Rejection:
    """The refusal of a record that lacks something."""
    return user_error(f"Please enter value(s) for: {names}")


def no_transaction() -> Rejection:
    """What a missing transaction looks like: not a 404."""
    return user_error(NO_SUCH_TRANSACTION)


def nonexistent(detail: str, url: str = "") -> Rejection:
    """404 NONEXISTENT_ID."""
    return Rejection(error(404, "NONEXISTENT_ID", detail, {"o:errorUrl": url} if url else None))


def query_error(detail: str, parameter: str = "q") -> Rejection:
    """400 INVALID_PARAMETER of the query service."""
    return Rejection(error(400, "INVALID_PARAMETER", detail, {"o:errorQueryParam": parameter}))


def search_error(description: str) -> Rejection:
    """The same for a query that does not compile."""
    text = f"Invalid search query. Detailed unprocessed description follows. {description}"
    return query_error(text)


def invalid_login(account: str) -> Reply:
    """The 401 for a token that is unknown or over; overload can look the same."""
    challenge = f'Bearer realm="{account}", error="invalid_token", error_description="Invalid login attempt."'
    return error(401, "INVALID_LOGIN", LOGIN, None, {"WWW-Authenticate": challenge})


def throttled() -> Reply:
    """The 429 of the concurrency governance; no Retry-After is documented."""
    return error(429, "CONCURRENCY_LIMIT_EXCEEDED", "Concurrent request limit exceeded. Request blocked.")


def unexpected(status: int, number: int) -> Reply:
    """500 and 503 as NetSuite words them."""
    return error(status, "UNEXPECTED_ERROR", f"An unexpected error occurred. Error ID: jrgbpyylph{number:06d}")


def token_error(status: int, name: str, account: str) -> Rejection:
    """A refusal of the token endpoint: the name, and nothing else."""
    headers = {"Content-Type": "application/json"}
    if status == 401:
        headers["WWW-Authenticate"] = f'Basic realm="{account}"'
    return Rejection(Reply(status, headers, json.dumps({"error": name}).encode()))
