"""UPS's forms: text that a label prints, lines, phones, postal codes, measures, check digits, times."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vendors.ups.codec.measures import any_weight_form, plain, sides_form, weight_form
from vendors.ups.codec.numbers import check_digit, has_good_check_digit, is_subscribable, tidy_number
from vendors.ups.codec.places import country_of, phone_form, postal_form, within_one_customs_area
from vendors.ups.codec.sheet import Sheet
from vendors.ups.codec.text import printable, shortened, wrapped
from vendors.ups.times import clock_text, day_form, local_text, parse_day, scan_instant

# --- text


@pytest.mark.parametrize(
    ("given_text", "wanted", "noted"),
    [
        ("Zoë Müller", "Zoë Müller", ""),
        ("  12   Main\tSt ", "12 Main St", "control"),
        ("12 Main\bSt", "12 Main St", "control"),
        ("12 Main\u200b St\u00ad", "12 Main St", "invisible"),
        ("Łódź", "Lódz", "transliterated"),
        ("Dvořák’s “Café” — №5", "Dvorák's \"Café\" - No.5", "transliterated"),
        ("ＡＢＣ１２３", "ABC123", "transliterated"),
        ("Cafe\u0301", "Café", ""),
        ("100\u00a0Main", "100 Main", ""),
    ],
)
def test_text_is_made_printable_and_says_so(given_text: str, wanted: str, noted: str) -> None:
    sheet = Sheet()
    assert printable(given_text, "name", sheet) == wanted
    assert sheet.problems == []
    assert bool(sheet.notes) == bool(noted)
    assert noted in " ".join(sheet.notes)


@pytest.mark.parametrize("text", ["Москва", "東京", "Αθήνα", "Main St 😀"])
def test_a_script_without_latin_form_is_a_problem_that_does_not_repeat_the_text(text: str) -> None:
    sheet = Sheet()
    printable(text, "ship-to city", sheet)
    assert len(sheet.problems) == 1
    assert "ship-to city" in sheet.problems[0]
    assert text not in sheet.problems[0]


@given(st.text())
def test_nothing_unprintable_ever_leaves_without_a_problem(text: str) -> None:
    sheet = Sheet()
    result = printable(text, "name", sheet)
    assert not any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in result)
    assert result == " ".join(result.split())
    if not sheet.problems:
        assert all(ord(letter) < 256 for letter in result)


def test_lines_that_fit_stay_as_they_are() -> None:
    assert wrapped(["12 Main St", "Apt 4", "Floor 2"]) == ("12 Main St", "Apt 4", "Floor 2")


def test_a_line_of_36_characters_is_broken_between_words() -> None:
    line = "12345 Long Avenue Of The Americas 36"
    assert len(line) == 36
    assert wrapped([line]) == ("12345 Long Avenue Of The Americas", "36")


def test_more_than_three_lines_are_joined() -> None:
    assert wrapped(["Building 7", "Floor 2", "Dock 4", "100 Industrial Way"]) == (
        "Building 7, Floor 2, Dock 4, 100",
        "Industrial Way",
    )


def test_a_long_word_is_broken_at_its_hyphen_only() -> None:
    word = "Donaudampfschifffahrts-Elektrizitaetenhauptwerk"
    assert wrapped([word]) == ("Donaudampfschifffahrts-", "Elektrizitaetenhauptwerk")
    assert wrapped(["x" * 36]) is None


def test_what_does_not_fit_into_three_lines_is_said_not_cut() -> None:
    assert wrapped(["word " * 40]) is None


@given(st.lists(st.text(alphabet="abcdefgh -/,", max_size=60), max_size=6))
def test_wrapping_keeps_every_letter_in_its_order(lines: list[str]) -> None:
    result = wrapped(lines)
    if result is None:
        return
    assert len(result) <= 3
    assert all(0 < len(line) <= 35 for line in result)
    # Joining may add commas between lines; apart from those and blanks nothing is lost, added or moved.
    letters = "".join(lines).replace(" ", "").replace(",", "")
    assert "".join(result).replace(" ", "").replace(",", "") == letters


def test_a_description_is_shortened_between_words_and_noted() -> None:
    sheet = Sheet()
    assert shortened("steel screws nine millimetres in boxes of a hundred", 20, "goods", sheet) == "steel screws nine"
    assert sheet.notes == ["goods: shortened from 51 to 17 characters, UPS takes 20"]


# --- places


@pytest.mark.parametrize(
    ("text", "country", "wanted"),
    [
        ("(212) 555-0199", "US", ("2125550199", "")),
        ("+1 212.555.0199 x 45", "US", ("2125550199", "45")),
        ("1-212-555-0199 ext. 4321", "CA", ("2125550199", "4321")),
        ("+49 (0)89 555-0199", "DE", ("49895550199", "")),
        ("0049 89 5550199", "DE", ("49895550199", "")),
        ("555-0199", "US", None),
        ("212-555-0199 x 54321", "US", None),
        ("1-800-FLOWERS", "US", None),
        ("1234", "DE", None),
        ("1" * 16, "DE", None),
        ("", "US", None),
    ],
)
def test_phones(text: str, country: str, wanted: tuple[str, str] | None) -> None:
    assert phone_form(text, country) == wanted


@pytest.mark.parametrize(
    ("text", "country", "wanted", "problem"),
    [
        ("21093", "US", "21093", False),
        ("21093-1234", "US", "210931234", False),
        ("00901", "PR", "00901", False),
        ("m5h 2n2", "CA", "M5H2N2", False),
        ("sw1a 1aa", "GB", "SW1A 1AA", False),
        ("123 456 7890", "XX", "1234567890", True),
        ("", "IE", "", False),
        ("901", "PR", "901", True),
        ("1093", "US", "1093", True),
        ("", "US", "", True),
        ("M5H 2N", "CA", "M5H2N", True),
    ],
)
def test_postal_codes(text: str, country: str, wanted: str, problem: bool) -> None:
    sheet = Sheet()
    assert postal_form(text, country, "postal code", sheet) == wanted
    assert bool(sheet.problems) == problem


def test_puerto_rico_is_a_country() -> None:
    assert country_of("us", "pr") == "PR"
    assert country_of("US", "NY") == "US"
    assert within_one_customs_area("US", "PR")
    assert within_one_customs_area("DE", "FR")
    assert not within_one_customs_area("US", "CA")
    assert not within_one_customs_area("DE", "CH")


# --- measures


@pytest.mark.parametrize(
    ("weight", "unit", "wanted", "form", "notes"),
    [
        ("7.5", "LBS", "LBS", "7.5", 0),
        ("18.00", "LB", "LBS", "18", 0),
        ("7.51", "LBS", "LBS", "7.6", 1),
        ("16", "OZ", "LBS", "1", 1),
        ("17", "OZ", "LBS", "1.1", 2),
        ("1", "KG", "LBS", "2.3", 2),
        ("0.04", "LBS", "LBS", "0.1", 1),
        ("500", "G", "KGS", "0.5", 1),
        ("150", "LBS", "LBS", "150", 0),
    ],
)
def test_weights_are_rounded_up_and_noted(weight: str, unit: str, wanted: str, form: str, notes: int) -> None:
    sheet = Sheet()
    assert weight_form(Decimal(weight), unit, wanted, "package 1 weight", sheet) == form
    assert sheet.problems == []
    assert len(sheet.notes) == notes


@pytest.mark.parametrize(
    ("weight", "unit", "words"),
    [
        ("0", "LBS", "not more than zero"),
        ("-1", "LBS", "not more than zero"),
        ("NaN", "LBS", "not more than zero"),
        ("1", "STONE", "unit 'STONE' is unknown"),
        ("150.01", "LBS", "150.1 LBS is more than the 150"),
    ],
)
def test_weights_that_ups_does_not_carry(weight: str, unit: str, words: str) -> None:
    sheet = Sheet()
    weight_form(Decimal(weight), unit, "LBS", "package 1 weight", sheet)
    assert words in " ".join(sheet.problems)


def test_goods_may_weigh_more_than_a_package_but_have_five_characters() -> None:
    sheet = Sheet()
    assert any_weight_form(Decimal("1200"), "LBS", "LBS", "goods", sheet) == "1200"
    assert sheet.problems == []
    any_weight_form(Decimal("12345.6"), "LBS", "LBS", "goods", sheet)
    assert "5 characters" in sheet.problems[0]


@given(st.decimals("0.001", "150", places=3), st.sampled_from(["LBS", "OZ", "KG", "G"]))
def test_a_stated_weight_is_never_below_the_real_one(weight: Decimal, unit: str) -> None:
    from vendors.ups.codec.measures import GRAMS

    form = Decimal(any_weight_form(weight, unit, "LBS", "w", Sheet()))
    grams = weight * GRAMS[unit]
    assert form * GRAMS["LBS"] >= grams - Decimal("0.000001")
    assert form * GRAMS["LBS"] - grams < GRAMS["LBS"] / 10


def test_sides_are_whole_rounded_up_and_longest_first() -> None:
    sheet = Sheet()
    assert sides_form([Decimal(8), Decimal("12.1"), Decimal(10)], "IN", "IN", "sides", sheet) == ("13", "10", "8")
    assert sheet.notes == ["sides: rounded up to whole IN"]
    assert sides_form([Decimal("2.54")] * 3, "CM", "IN", "sides", sheet) == ("1", "1", "1")


@pytest.mark.parametrize(
    "sides", [["1", "2"], ["1", "2", "0"], ["109", "1", "1"], ["100", "20", "20"], ["1", "2", "NaN"]]
)
def test_sides_that_do_not_work(sides: list[str]) -> None:
    sheet = Sheet()
    assert sides_form([Decimal(side) for side in sides], "IN", "IN", "sides", sheet) is None
    assert len(sheet.problems) == 1


@given(st.decimals("0.0000001", "99999999", places=7))
def test_numbers_have_no_exponent_and_no_closing_zeros(number: Decimal) -> None:
    text = plain(number)
    assert Decimal(text) == number
    assert "E" not in text
    assert not ("." in text and text.endswith(("0", ".")))


# --- 1Z


def test_the_published_check_digit() -> None:
    assert check_digit("1Z999AA10123456784") == 4
    assert has_good_check_digit("1z 999 aa1 01 2345 6784")
    assert not has_good_check_digit("1Z999AA10123456785")
    assert not has_good_check_digit("9400111899223197428490")
    with pytest.raises(ValueError, match="not a 1Z"):
        check_digit("1Z999")


def test_check_digits_of_the_collected_numbers(shared: Path) -> None:
    vectors = json.loads((shared / "specs" / "ups" / "codes" / "1z-check-digit-vectors.json").read_text())
    assert len(vectors) >= 15
    for vector in (vector for vector in vectors if "computed" in vector):
        assert check_digit(vector["number"]) == vector["computed"], vector
        assert has_good_check_digit(vector["number"]) == vector["valid"], vector


def test_numbers_are_tidied() -> None:
    assert tidy_number(" 1za1b2c3-0300000012 ") == "1ZA1B2C30300000012"
    assert is_subscribable("1ZA1B2C30300000012")
    assert is_subscribable("1R" + "0" * 14)
    assert not is_subscribable("9400111899223197428490")


# --- times


def test_an_instant_comes_from_gmt_then_from_the_offset_and_is_never_guessed() -> None:
    noon = datetime(2026, 7, 15, 18, 32, 7, tzinfo=UTC)
    assert scan_instant("20260715", "143207", "20260715", "18:32:07", "-04:00") == noon
    assert scan_instant("20260715", "143207", "20260715", "183207", None) == noon
    assert scan_instant("20260715", "143207", None, None, "-04.00") == noon
    assert scan_instant("20260715", "143207", "", "", "") is None
    assert scan_instant("20260715", "143207", None, None, "-99:00") is None
    assert scan_instant("20261399", "143207", None, None, "-04:00") is None


def test_days_and_clocks() -> None:
    assert parse_day("20260715") == parse_day("2026-07-15") == date(2026, 7, 15)
    assert parse_day("20260231") is None
    assert parse_day("") is None
    assert day_form(date(2026, 7, 5)) == "20260705"
    assert clock_text("143207") == clock_text("14:32:07") == "14:32:07"
    assert clock_text("1432") == "14:32:00"
    assert clock_text("256199") is None
    assert local_text("20260715", "143207") == "2026-07-15T14:32:07"
    assert local_text("20260715", "") == "2026-07-15"
    assert local_text("", "143207") == ""
