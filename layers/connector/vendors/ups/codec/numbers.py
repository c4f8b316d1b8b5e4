"""1Z tracking numbers: tidying, form and check digit."""

from __future__ import annotations

import re

_FORM = re.compile(r"1Z[0-9A-Z]{16}", re.ASCII)
_ALERT = re.compile(r"1Z[0-9A-Z]{16}|1R[0-9A-Z]{14}|1R[0-9A-Z]{26}", re.ASCII)


def tidy_number(text: str) -> str:
    """The number as it is stored: capital letters, no blanks or dashes (people type and UPS pushes both)."""
    return re.sub(r"[\s-]", "", text).upper()


def is_tracking_number(text: str) -> bool:
    """Whether the tidied text has the form of a 1Z number. Says nothing about its check digit."""
    return _FORM.fullmatch(text) is not None


def is_subscribable(text: str) -> bool:
    """Whether Track Alert takes the tidied number (1Z, or Roadie's 1R)."""
    return _ALERT.fullmatch(text) is not None


def check_digit(number: str) -> int:
    """The check digit over the 15 characters behind `1Z`. Raises ValueError.

    A digit counts as itself, a letter as (ASCII - 63) mod 10; odd positions once, even ones twice.
    """
    body = tidy_number(number)[2:17]
    if not re.fullmatch(r"[0-9A-Z]{15}", body, re.ASCII):
        raise ValueError("not a 1Z number")
    total = 0
    for position, letter in enumerate(body, start=1):
        value = int(letter) if letter.isdigit() else (ord(letter) - 63) % 10
        total += value * (2 if position % 2 == 0 else 1)
    return -total % 10


def has_good_check_digit(number: str) -> bool:
    """For warning about hand-typed numbers only: UPS's own samples break the rule, so it never rejects UPS's answer."""
    tidy = tidy_number(number)
    return is_tracking_number(tidy) and tidy[-1] == str(check_digit(tidy))
