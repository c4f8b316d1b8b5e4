"""The error bodies of V1 (four shapes) and of V2 (one, or nothing)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from local.simulators.base import Reply, json_reply

INVALID = "The request is invalid."


class Rejection(Exception):
    """The vendor says no: carries the reply that the caller gets."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(f"{reply.status} {reply.body[:200]!r}")
        self.reply = reply


def model_state(entries: Mapping[str, Sequence[str]]) -> Rejection:
    """Shape 1: the body or the query did not bind. Values contain carriage returns as the real ones do."""
    return Rejection(json_reply(400, {"Message": INVALID, "ModelState": {k: list(v) for k, v in entries.items()}}))


def message(status: int, text: str) -> Rejection:
    """Shape 1 without ModelState: a rule was broken."""
    return Rejection(json_reply(status, {"Message": text}))


def reference_shape(status: int, text: str) -> Rejection:
    """Shape 3: `{"message"}`."""
    return Rejection(json_reply(status, {"message": text}))


def exception(text: str = "Object reference not set to an instance of an object.") -> Reply:
    """Shape 2: something broke over there."""
    return json_reply(
        500,
        {
            "Message": "An error has occurred.",
            "ExceptionMessage": text,
            "ExceptionType": "System.NullReferenceException",
            "StackTrace": "   at ShipStation.Api.Handle()",
        },
    )


def throttled() -> Reply:
    """The 429 of V1; the headers come with every answer."""
    return json_reply(429, {"message": "Too Many Requests"})


def unauthorized() -> Reply:
    """The 401 of V1. Its real body is not documented for certain; this is the shape of the 2026 reference."""
    return json_reply(401, {"message": "Invalid API credentials"})


def plain(status: int, text: str) -> Reply:
    """Shape 4."""
    return Reply(status, {"Content-Type": "text/plain"}, text.encode())


def v2(status: int, code: str, text: str, kind: str = "validation", headers: Mapping[str, str] | None = None) -> Reply:
    """The error body of V2."""
    error = {"error_source": "ShipStation", "error_type": kind, "error_code": code, "message": text}
    return json_reply(
        status, {"request_id": "aa3d8e8e-462b-4476-9618-72db7f7b7009", "errors": [error]}, dict(headers or {})
    )


def v2_refusal(status: int, code: str, text: str, kind: str = "validation") -> Rejection:
    """The same, to be raised."""
    return Rejection(v2(status, code, text, kind))
