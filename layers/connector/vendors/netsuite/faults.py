"""What NetSuite's refusals mean, as a table. The HTTP status decides first, then the error code, then the words.

Two traps: a missing transaction is answered 400 "Transaction type specified is incorrect.", and an overloaded account
was seen to answer 401 after a minute instead of 429. Such a late 401 says nothing about the token, and a write that it
answers may have happened. (Oracle: "Error Handling in REST Web Services", "Concurrency Governance"; live answers.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from connector.faults import Executed, FaultKind, VendorFault
from connector.transport import Reply, Request
from vendors.fault_rules import Rule, retry_after

VENDOR = "netsuite"

ELAPSED = "x-elapsed-seconds"
"""How long the answer took; put on every reply by `open.Stopwatch`."""

LATE = 30.0
"""Seconds after which a 401 is no statement about the token: a bad token is refused at once."""

LONGEST_DETAIL = 400
_EMAIL = re.compile(r"\S+@\S+")


@dataclass(frozen=True)
class Answer:
    """A refusal as the table sees it. `words`: codes and details in lower case."""

    request: Request
    reply: Reply
    codes: frozenset[str]
    words: str
    line: str

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.reply.status

    @property
    def signing_in(self) -> bool:
        """Whether this was a token call."""
        return "/auth/oauth2/" in urlsplit(self.request.url).path

    @property
    def querying(self) -> bool:
        """Whether this was SuiteQL."""
        return urlsplit(self.request.url).path.endswith("/suiteql")

    @property
    def late(self) -> bool:
        """Whether the answer took so long that a 401 means load."""
        try:
            return float(self.reply.headers.get(ELAPSED, "0")) >= LATE
        except ValueError:
            return False

    def says(self, *texts: str) -> bool:
        """Whether one of these stands in the answer."""
        return any(text in self.words for text in texts)


K = FaultKind

TABLE: tuple[Rule[Answer], ...] = (
    # --- load -----------------------------------------------------------------------------------------------------
    Rule(
        lambda a: a.status == 429 or "CONCURRENCY_LIMIT_EXCEEDED" in a.codes,
        K.THROTTLED, "the account has too many requests at the same time",
    ),
    Rule(
        lambda a: a.status == 401 and a.late and not a.signing_in,
        K.THROTTLED, "an overloaded account answered 401 after a long wait; the token is not to blame", maybe=True,
    ),
    # --- identity -------------------------------------------------------------------------------------------------
    Rule(
        lambda a: a.signing_in and a.status == 401 and (a.late or "INVALID_LOGIN" in a.codes),
        K.UNAVAILABLE, "the token endpoint answered as an overloaded account answers calls, which is no refusal of the "
        "certificate; the sign-in is tried again",
        alarm=True,
    ),
    Rule(
        lambda a: a.signing_in and 400 <= a.status < 500 and a.status != 408,
        K.CONFIGURATION, "NetSuite refused the sign-in. Compare client id, certificate id and account with the entry "
        "under Setup > Integration > OAuth 2.0 Client Credentials; a sandbox refresh wipes it. Is this clock right?",
        alarm=True,
    ),
    Rule(lambda a: a.status == 401, K.EXPIRED, "the access token is not accepted"),
    Rule(
        lambda a: a.status == 403 or "INSUFFICIENT_PERMISSION" in a.codes,
        K.FORBIDDEN, "the role lacks a permission", alarm=True,
    ),
    # --- addresses ------------------------------------------------------------------------------------------------
    Rule(
        lambda a: 300 <= a.status < 400,
        K.CONFIGURATION, "the address redirects, which is never followed; check account_id and base_url", alarm=True,
    ),
    Rule(
        lambda a: a.status in (405, 415),
        K.CONFIGURATION, "NetSuite does not take this verb or form; report it", alarm=True,
    ),
    # --- SuiteQL --------------------------------------------------------------------------------------------------
    Rule(
        lambda a: a.querying and a.status == 400 and a.says("unknown identifier", "field '"),
        K.UNSUPPORTED_QUERY, "a column of the query is not known in this account",
    ),
    Rule(
        lambda a: a.querying and a.status == 400 and a.says("record '", "invalid search type"),
        K.FORBIDDEN, "the role may not read a record type of the query (SuiteAnalytics Workbook, or the record itself)",
        alarm=True,
    ),
    Rule(
        lambda a: a.querying and a.status == 400,
        K.CONFIGURATION, "NetSuite refuses the query; report it", alarm=True,
    ),
    # --- content --------------------------------------------------------------------------------------------------
    Rule(
        lambda a: a.says("record type '"),
        K.CONFIGURATION, "the record type is switched off, or the role may not use it", alarm=True,
    ),
    Rule(
        lambda a: a.says("transaction type specified is incorrect") or a.status == 404,
        K.NOT_FOUND, "NetSuite holds no such record, or the role may not see it. Let the role see it and replay; where "
        "it was deleted, settle by hand what was to be written and close this record",
    ),
    Rule(
        lambda a: a.status == 400 and a.says("already exists", "dup_rcrd", "duplicate external", "external id already"),
        K.DUPLICATE, "NetSuite holds it already",
    ),
    Rule(
        lambda a: a.status in (409, 412) or a.says("record has been changed", "rcrd_has_been_changed"),
        K.CONFLICT, "somebody changed the record meanwhile",
    ),
    Rule(
        lambda a: a.status == 400 and a.says("period") and a.says("closed", "locked", "accounting period"),
        K.INVALID, "the posting period is closed. Open it (Setup > Accounting > Manage Accounting Periods) or let "
        "finance decide, then replay",
    ),
    Rule(
        lambda a: a.status == 400 and a.says("inventory detail", "serial/lot", "bin number"),
        K.INVALID, "the item is kept by lot, serial number or bin, which is not written here. Enter this transaction "
        "in NetSuite by hand with its external id (`ml-connector explain` shows it), then replay",
    ),
    Rule(lambda a: a.status == 408 or a.status >= 500, K.UNAVAILABLE, "NetSuite failed to answer properly", maybe=True),
    Rule(
        lambda a: 400 <= a.status < 500,
        K.INVALID, "NetSuite refuses the content; correct it there or in the connection, then replay",
    ),
    Rule(
        lambda a: True,
        K.UNAVAILABLE, "NetSuite answered something that is no result of this call", maybe=True, alarm=True,
    ),
)  # fmt: skip
"""The first row that applies decides."""


def classify(request: Request, reply: Reply, now: datetime) -> VendorFault | None:
    """The fault table as `connector.transport` wants it; None for a good answer."""
    # 202 means "will be done some time": we never ask for that, so it is no result.
    if 200 <= reply.status < 300 and reply.status != 202:
        return None
    found = list(_details(reply))
    line = "; ".join(f"{code}: {text}" if code else text for code, text in found) or "no details"
    codes = frozenset(code for code, _ in found if code)
    answer = Answer(request, reply, codes, line.casefold(), line)
    rule = next(rule for rule in TABLE if rule.when(answer))
    maybe = rule.maybe or reply.status < 300
    return VendorFault(
        vendor=VENDOR,
        kind=rule.kind,
        message=f"{request.purpose}: {rule.text} ({line})",
        executed=Executed.MAYBE if request.write and maybe else Executed.NO,
        status=reply.status,
        code=next((code for code, _ in found if code), ""),
        # NetSuite documents no hint; honoured should it ever appear.
        retry_at=retry_after(reply, now),
        alarm=rule.alarm,
    )


def _details(reply: Reply) -> Iterator[tuple[str, str]]:
    """Code and words of each detail. Oracle's own sample of a 429 is no valid JSON: bodies may be anything."""
    try:
        document: Any = reply.json()
    except (ValueError, RecursionError):
        return
    if not isinstance(document, Mapping):
        return
    if isinstance(document.get("error"), str):  # the token endpoint
        yield _word(document["error"]), _tidy(str(document.get("error_description") or "sign-in refused"))
    details = document.get("o:errorDetails")
    for detail in details if isinstance(details, list) else ():
        if isinstance(detail, Mapping):
            path = _tidy(str(detail.get("o:errorPath") or ""))
            words = _tidy(str(detail.get("detail") or ""))
            yield _word(str(detail.get("o:errorCode") or "")), f"{words} [{path}]" if path else words


def _word(text: str) -> str:
    return text.strip() if re.fullmatch(r"\s*[\w.:-]{1,80}\s*", text, re.ASCII) else ""


def _tidy(text: str) -> str:
    line = _EMAIL.sub("(e-mail)", text)
    line = "".join(letter if letter.isprintable() else " " for letter in line)
    return " ".join(line.split())[:LONGEST_DETAIL]
