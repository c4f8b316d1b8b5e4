"""Address validation (XAV): verdicts as members whose mere presence counts, classification, candidates.

Street validation exists for US and PR; the sandbox knows NY and CA only. Seeded addresses have the
verdict they were given; all others are judged by rule (`Switches.unknown_addresses`).
"""

from __future__ import annotations

import re
from typing import Any

from local.simulators.base import Reply, json_reply
from local.simulators.ups import answers, geography
from local.simulators.ups.gateway import Asked
from local.simulators.ups.problems import INVALID, refuse
from local.simulators.ups.records import JudgedAddress
from local.simulators.ups.validation import array, record, text, texts
from local.simulators.ups.world import World

UNKNOWN, COMMERCIAL, RESIDENTIAL = "0", "1", "2"
_CLASSES = {UNKNOWN: "Unknown", COMMERCIAL: "Commercial", RESIDENTIAL: "Residential"}
_BUSINESS = re.compile(r"\b(SUITE|STE|INDUSTRIAL|WAREHOUSE|PLAZA|DOCK|FL|FLOOR|BLDG|PKWY|COMMERCE)\b")
CIE_STATES = ("NY", "CA")
VERDICTS = ("valid", "ambiguous", "none")
_key_format = record(
    {
        "ConsigneeName": text(1, 40),
        "AttentionName": text(1, 40),
        "AddressLine": array(text(1, 100), 1, 3),
        **texts("Region 1-100, PoliticalDivision2 1-30, PoliticalDivision1 1-30, PostcodePrimaryLow 1-10"),
        **texts("PostcodeExtendedLow 1-10, Urbanization 1-30"),
        "CountryCode": text(2, 2, pattern="[A-Z]{2}"),
    },
    ("CountryCode",),
)
BODY = record(
    {
        "XAVRequest": record(
            {
                "AddressKeyFormat": _key_format,
                "Request": record({"TransactionReference": record({"CustomerContext": text(0, 512)})}),
                "RegionalRequestIndicator": text(),
            },
            ("AddressKeyFormat",),
        )
    },
    ("XAVRequest",),
)


def key_of(lines: list[str], postal_code: str) -> str:
    """What an address is remembered by: its lines in capitals, and five digits."""
    return f"{' '.join(' '.join(lines).upper().split())}|{postal_code[:5]}"


def validate(world: World, asked: Asked) -> Reply:
    """POST /addressvalidation/{version}/{1 validate | 2 classify | 3 both}."""
    option = asked.names["option"]
    if option not in ("1", "2", "3"):
        raise refuse(400, "9264028", "Invalid or missing request option")
    written = asked.body["XAVRequest"]["AddressKeyFormat"]
    _judge(world, written)
    lines, state = list(written.get("AddressLine", [])), written.get("PoliticalDivision1", "").upper()
    postal = written.get("PostcodePrimaryLow", "")
    found = world.addresses.get(key_of(lines, postal)) or _by_rule(world, written, lines, state, postal)
    most = int(asked.query.get("maximumcandidatelistsize", "15"))
    return json_reply(200, {"XAVResponse": _answer(world, option, found, written["CountryCode"], most)})


def _judge(world: World, written: dict[str, Any]) -> None:
    if written["CountryCode"] not in ("US", "PR"):
        raise refuse(400, INVALID, f"Street level validation is not available for {written['CountryCode']}")
    if "Region" in written:
        split = {"PoliticalDivision1", "PoliticalDivision2", "PostcodePrimaryLow"} & set(written)
        if split:
            raise refuse(400, INVALID, "Region must not be sent together with the split fields: it would win")
    if not re.fullmatch(r"[A-Z]{2}", written.get("PoliticalDivision1", "NY")):
        raise refuse(400, INVALID, "PoliticalDivision1 is wanted as a state of two letters")
    if world.switches.cie and written.get("PoliticalDivision1") not in CIE_STATES:
        raise refuse(400, "9264030", "The state is not supported in the Customer Integration Environment")


def _by_rule(world: World, written: dict[str, Any], lines: list[str], state: str, postal: str) -> JudgedAddress:
    """No house number or no such place: no candidates. Another city than the code's: ambiguous. Else valid."""
    street, country = " ".join(lines).upper(), written["CountryCode"]
    five = postal[:5]
    impossible = not re.search(r"\d", street) or not re.fullmatch(r"\d{5}", five)
    if world.switches.unknown_addresses == "none" or impossible or not geography.state_fits(country, state, five):
        return JudgedAddress("none", UNKNOWN, ())
    city = written.get("PoliticalDivision2", "").upper()
    real = world.cities.get((country, five), city)
    kind = COMMERCIAL if _BUSINESS.search(f"{street} {written.get('ConsigneeName', '').upper()}") else RESIDENTIAL
    extended = f"{sum(street.encode()) % 10000:04d}"
    candidate = ((street,), real, state, five, extended)
    if real != city:
        return JudgedAddress(
            "ambiguous", UNKNOWN, (candidate, ((f"1-99 {_street_only(street)}",), real, state, five, "0000"))
        )
    return JudgedAddress("valid", kind, (candidate,))


def _street_only(street: str) -> str:
    return re.sub(r"^\d+\s*", "", street)


def _answer(world: World, option: str, found: JudgedAddress, country: str, most: int) -> dict[str, Any]:
    answer: dict[str, Any] = {"Response": answers.response(world)}
    answer["Response"].pop("TransactionReference")
    names = {"valid": "ValidAddressIndicator", "ambiguous": "AmbiguousAddressIndicator"}
    if option != "2":
        answer[names.get(found.verdict, "NoCandidatesIndicator")] = ""
    classes = {"Code": found.classification, "Description": _CLASSES[found.classification]}
    if option != "1":
        answer["AddressClassification"] = classes
    rows = [_candidate(world, option, found, each, country) for each in found.candidates[:most]]
    if rows:
        answer["Candidate"] = answers.one_or_many(world, rows)
    return answer


def _candidate(
    world: World, option: str, found: JudgedAddress, written: tuple[tuple[str, ...], str, str, str, str], country: str
) -> dict[str, Any]:
    lines, city, state, five, four = written
    row: dict[str, Any] = {}
    if option != "1":
        row["AddressClassification"] = {
            "Code": found.classification,
            "Description": _CLASSES[found.classification],
        }
    row["AddressKeyFormat"] = {
        "AddressLine": answers.one_or_many(world, list(lines)),
        "PoliticalDivision2": city,
        "PoliticalDivision1": state,
        "PostcodePrimaryLow": five,
        "PostcodeExtendedLow": four,
        "Region": f"{city} {state} {five}-{four}",
        "CountryCode": country,
    }
    return row


def seed(world: World, arguments: dict[str, Any]) -> str:
    """Gives an address its verdict: `lines`, `city`, `state`, `postal_code`; `verdict` valid, ambiguous or none;

    `classification` 0, 1 or 2; `candidates` as lists of lines, city, state, five digits, four digits.
    """
    verdict, lines = arguments.get("verdict", "valid"), list(arguments["lines"])
    if verdict not in VERDICTS:
        raise ValueError(f"no verdict {verdict!r}; known: {', '.join(VERDICTS)}")
    own = (tuple(" ".join(lines).upper().split("\n")), arguments["city"].upper(), arguments["state"])
    given = arguments.get("candidates")
    candidates = (
        tuple((tuple(each[0]), each[1], each[2], each[3], each[4]) for each in given)
        if given is not None
        else ((*own, arguments["postal_code"][:5], "0001"),)
    )
    key = key_of(lines, arguments["postal_code"])
    world.addresses[key] = JudgedAddress(
        verdict, str(arguments.get("classification", RESIDENTIAL)), () if verdict == "none" else candidates
    )
    return key
