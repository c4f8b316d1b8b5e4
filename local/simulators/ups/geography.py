"""Postal geography as far as labels need it: forms of postal codes, which state a code lies in, clocks of states.

The US ranges are the three-digit prefixes of the postal service, the Canadian ones the first letters. City names are
known for a few codes only (`CITIES`, more with the command `seed_city`); an unknown code has no wrong city.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

_RANGES = """
PR 006-007 009-009 VI 008-008 MA 010-027 055-055 RI 028-029 NH 030-038 ME 039-049 VT 050-054 056-059 CT 060-069
NJ 070-089 NY 005-005 063-063 100-149 PA 150-196 DE 197-199 DC 200-200 202-205 VA 201-201 220-246 MD 206-219
WV 247-268 NC 270-289 SC 290-299 GA 300-319 398-399 FL 320-349 AL 350-369 TN 370-385 MS 386-397 KY 400-427
OH 430-459 IN 460-479 MI 480-499 IA 500-528 WI 530-549 MN 550-567 SD 570-577 ND 580-588 MT 590-599 IL 600-629
MO 630-658 KS 660-679 NE 680-693 LA 700-714 AR 716-729 OK 730-731 734-749 TX 733-733 750-799 885-885 CO 800-816
WY 820-831 ID 832-838 UT 840-847 AZ 850-865 NM 870-884 NV 889-898 CA 900-961 HI 967-968 GU 969-969 OR 970-979
WA 980-994 AK 995-999
"""
_PROVINCES = {"A": "NL", "B": "NS", "C": "PE", "E": "NB", "R": "MB", "S": "SK", "T": "AB", "V": "BC", "Y": "YT"}
_PROVINCES |= {**dict.fromkeys("GHJ", "QC"), **dict.fromkeys("KLMNP", "ON")}
CITIES = {
    ("US", "21093"): "TIMONIUM",
    ("US", "11590"): "WESTBURY",
    ("US", "10118"): "NEW YORK",
    ("US", "28209"): "CHARLOTTE",
    ("US", "90001"): "LOS ANGELES",
    ("US", "60804"): "CICERO",
    ("CA", "M5J1E6"): "TORONTO",
}
STATES_WANTED = ("US", "CA", "VN")
_CLOCKS = {
    -4: "NB NS PE NL",
    -6: "AL AR IL IA KS LA MN MS MO NE ND OK SD TN TX WI MB SK",
    -7: "AZ CO ID MT NM UT WY AB NT",
    -8: "CA NV OR WA BC YT",
    -9: "AK",
    -10: "HI",
}  # hours of difference in winter; everywhere else in US and CA five hours behind UTC
_HOURS = {state: hours for hours, states in _CLOCKS.items() for state in states.split()}
_NO_SUMMER = ("AZ", "HI", "SK", "YT")


def _prefixes() -> dict[int, str]:
    found: dict[int, str] = {}
    state = ""
    for word in _RANGES.split():
        if word.isalpha():
            state = word
            continue
        first, last = word.split("-")
        found.update(dict.fromkeys(range(int(first), int(last) + 1), state))
    return found


_STATE_OF = _prefixes()


def postal_fault(country: str, code: str) -> str:
    """What is wrong with the form of a postal code, or an empty text."""
    if country in ("US", "PR") and not re.fullmatch(r"\d{5}(-?\d{4})?", code):
        return "a US or PR postal code has 5 or 9 digits"
    if country == "CA" and not re.fullmatch(r"[A-Z]\d[A-Z]\d[A-Z]\d", code):
        return "a Canadian postal code has the form A#A#A#, upper case, without a space"
    return "" if len(code) <= 9 else "a postal code has at most 9 characters"


def state_of(country: str, code: str) -> str | None:
    """The state or province of a well-formed postal code; None where this simulator cannot tell."""
    if country in ("US", "PR"):
        return _STATE_OF.get(int(code[:3]), "")
    return _PROVINCES.get(code[:1]) if country == "CA" else None


def state_fits(country: str, state: str, code: str) -> bool:
    """Whether the postal code lies in the state, as far as both are given and known. Puerto Rico is no state."""
    if not code or not state:
        return True
    real = state_of(country, code)
    if country == "PR":
        return real == state == "PR"
    return real is None or (real == state and real not in ("PR", ""))


def _summer(day: date) -> bool:
    """US daylight saving: from the second Sunday of March to the first Sunday of November."""
    march, november = date(day.year, 3, 8), date(day.year, 11, 1)
    start = march + timedelta(days=-(march.weekday() + 1) % 7)
    end = november + timedelta(days=-(november.weekday() + 1) % 7)
    return start <= day < end


def offset_minutes(country: str, state: str, moment: datetime) -> int:
    """Minutes between UTC and the clock on the wall there. Outside US, CA and PR the wall is taken to show UTC."""
    if country == "PR":
        return -240
    if country not in ("US", "CA"):
        return 0
    hours = _HOURS.get(state, -5)
    local = moment + timedelta(hours=hours)
    return 60 * (hours + (1 if _summer(local.date()) and state not in _NO_SUMMER else 0))
