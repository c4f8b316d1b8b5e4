"""1Z numbers: `1Z`, six characters of the shipper's account, two of the service, seven digits, one check digit."""

from __future__ import annotations

import re

TRACKING_NUMBER = re.compile(r"1Z[0-9A-Z]{16}")
ALERT_NUMBER = re.compile(r"1Z[0-9A-Z]{16}|1R[0-9A-Z]{14}|1R[0-9A-Z]{26}")


def check_digit(middle: str) -> int:
    """The check digit of the 15 characters after `1Z`: letters count (ASCII - 63) mod 10, even places twice."""
    values = [int(each) if each.isdigit() else (ord(each) - 63) % 10 for each in middle]
    return -(sum(values[0::2]) + 2 * sum(values[1::2])) % 10


def make_number(account: str, service: str, serial: int) -> str:
    """The 1Z of one package. `account` has six characters, `service` two, `serial` at most seven digits."""
    middle = f"{account}{service}{serial:07d}"
    return f"1Z{middle}{check_digit(middle)}"


def is_genuine(number: str) -> bool:
    """Whether a text is a 1Z number whose check digit is right (many samples of the documentation are not)."""
    return bool(TRACKING_NUMBER.fullmatch(number)) and number[17] == str(check_digit(number[2:17]))
