"""ShipBob's times: ISO 8601 in UTC with 0-7 fraction digits, plain billing dates, Windows zone names of locations."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connector.instants import parse_instant

_UTC = ZoneInfo("UTC")
_NEVER = "0001-01-01"  # how .NET writes a date that was never set


def parse_time(text: str) -> datetime | None:
    """The instant; None for .NET's empty date. ShipBob's times are UTC, so a missing offset means UTC.

    Raises ValueError.
    """
    if text.strip().startswith(_NEVER):
        return None
    return parse_instant(text, _UTC)


def parse_day(text: str) -> date:
    """A billing date, `yyyy-mm-dd` (a midnight behind it is ignored). Raises ValueError."""
    return date.fromisoformat(text.strip()[:10])


def time_text(moment: datetime) -> str:
    """An instant as we send it: UTC, milliseconds rounded down, `Z`."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone is not an instant")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def day_start_text(day: date) -> str:
    """The first instant of a day as filter value."""
    return f"{day.isoformat()}T00:00:00Z"


def day_end_text(day: date) -> str:
    """The last second of a day as filter value."""
    return f"{day.isoformat()}T23:59:59Z"


def location_zone(name: str) -> ZoneInfo:
    """The zone of a fulfilment centre, by Windows name ("Central Standard Time") or IANA name. Raises ValueError."""
    known = WINDOWS_ZONES.get(name.strip())
    if known is None and "/" in name:
        known = name.strip()
    if known is None:
        raise ValueError(f"time zone {name!r} of a ShipBob location is not known; add it to vendors/shipbob/times.py")
    try:
        return ZoneInfo(known)
    except ZoneInfoNotFoundError as error:
        raise ValueError(f"time zone {name!r} ({known}) is not in this machine's zone database") from error


WINDOWS_ZONES = {
    # North America
    "Aleutian Standard Time": "America/Adak",
    "Hawaiian Standard Time": "Pacific/Honolulu",
    "Alaskan Standard Time": "America/Anchorage",
    "Pacific Standard Time": "America/Los_Angeles",
    "Pacific Standard Time (Mexico)": "America/Tijuana",
    "US Mountain Standard Time": "America/Phoenix",
    "Mountain Standard Time": "America/Denver",
    "Mountain Standard Time (Mexico)": "America/Mazatlan",
    "Yukon Standard Time": "America/Whitehorse",
    "Central Standard Time": "America/Chicago",
    "Central Standard Time (Mexico)": "America/Mexico_City",
    "Canada Central Standard Time": "America/Regina",
    "Central America Standard Time": "America/Guatemala",
    "Eastern Standard Time": "America/New_York",
    "Eastern Standard Time (Mexico)": "America/Cancun",
    "US Eastern Standard Time": "America/Indiana/Indianapolis",
    "Cuba Standard Time": "America/Havana",
    "Haiti Standard Time": "America/Port-au-Prince",
    "Turks And Caicos Standard Time": "America/Grand_Turk",
    "Atlantic Standard Time": "America/Halifax",
    "Newfoundland Standard Time": "America/St_Johns",
    # South America
    "SA Pacific Standard Time": "America/Bogota",
    "SA Western Standard Time": "America/La_Paz",
    "SA Eastern Standard Time": "America/Cayenne",
    "Venezuela Standard Time": "America/Caracas",
    "Central Brazilian Standard Time": "America/Cuiaba",
    "E. South America Standard Time": "America/Sao_Paulo",
    "Bahia Standard Time": "America/Bahia",
    "Tocantins Standard Time": "America/Araguaina",
    "Argentina Standard Time": "America/Argentina/Buenos_Aires",
    "Paraguay Standard Time": "America/Asuncion",
    "Montevideo Standard Time": "America/Montevideo",
    "Pacific SA Standard Time": "America/Santiago",
    "Magallanes Standard Time": "America/Punta_Arenas",
    # Europe and the Atlantic
    "UTC": "UTC",
    "Azores Standard Time": "Atlantic/Azores",
    "Greenwich Standard Time": "Atlantic/Reykjavik",
    "GMT Standard Time": "Europe/London",
    "W. Europe Standard Time": "Europe/Berlin",
    "Central Europe Standard Time": "Europe/Budapest",
    "Central European Standard Time": "Europe/Warsaw",
    "Romance Standard Time": "Europe/Paris",
    "E. Europe Standard Time": "Europe/Chisinau",
    "FLE Standard Time": "Europe/Kyiv",
    "GTB Standard Time": "Europe/Bucharest",
    "Kaliningrad Standard Time": "Europe/Kaliningrad",
    "Belarus Standard Time": "Europe/Minsk",
    "Turkey Standard Time": "Europe/Istanbul",
    "Russian Standard Time": "Europe/Moscow",
    "Russia Time Zone 3": "Europe/Samara",
    # Africa
    "Morocco Standard Time": "Africa/Casablanca",
    "W. Central Africa Standard Time": "Africa/Lagos",
    "Egypt Standard Time": "Africa/Cairo",
    "South Africa Standard Time": "Africa/Johannesburg",
    "Namibia Standard Time": "Africa/Windhoek",
    "E. Africa Standard Time": "Africa/Nairobi",
    "Mauritius Standard Time": "Indian/Mauritius",
    # Asia
    "Israel Standard Time": "Asia/Jerusalem",
    "Jordan Standard Time": "Asia/Amman",
    "Middle East Standard Time": "Asia/Beirut",
    "Syria Standard Time": "Asia/Damascus",
    "Arab Standard Time": "Asia/Riyadh",
    "Arabic Standard Time": "Asia/Baghdad",
    "Iran Standard Time": "Asia/Tehran",
    "Arabian Standard Time": "Asia/Dubai",
    "Georgian Standard Time": "Asia/Tbilisi",
    "Caucasus Standard Time": "Asia/Yerevan",
    "Azerbaijan Standard Time": "Asia/Baku",
    "Afghanistan Standard Time": "Asia/Kabul",
    "Pakistan Standard Time": "Asia/Karachi",
    "West Asia Standard Time": "Asia/Tashkent",
    "Ekaterinburg Standard Time": "Asia/Yekaterinburg",
    "India Standard Time": "Asia/Kolkata",
    "Sri Lanka Standard Time": "Asia/Colombo",
    "Nepal Standard Time": "Asia/Kathmandu",
    "Bangladesh Standard Time": "Asia/Dhaka",
    "Central Asia Standard Time": "Asia/Bishkek",
    "Myanmar Standard Time": "Asia/Yangon",
    "SE Asia Standard Time": "Asia/Bangkok",
    "China Standard Time": "Asia/Shanghai",
    "Singapore Standard Time": "Asia/Singapore",
    "Taipei Standard Time": "Asia/Taipei",
    "Ulaanbaatar Standard Time": "Asia/Ulaanbaatar",
    "Tokyo Standard Time": "Asia/Tokyo",
    "Korea Standard Time": "Asia/Seoul",
    # Australia and the Pacific
    "W. Australia Standard Time": "Australia/Perth",
    "Aus Central W. Standard Time": "Australia/Eucla",
    "AUS Central Standard Time": "Australia/Darwin",
    "Cen. Australia Standard Time": "Australia/Adelaide",
    "E. Australia Standard Time": "Australia/Brisbane",
    "AUS Eastern Standard Time": "Australia/Sydney",
    "Tasmania Standard Time": "Australia/Hobart",
    "Lord Howe Standard Time": "Australia/Lord_Howe",
    "West Pacific Standard Time": "Pacific/Port_Moresby",
    "Central Pacific Standard Time": "Pacific/Guadalcanal",
    "New Zealand Standard Time": "Pacific/Auckland",
    "Fiji Standard Time": "Pacific/Fiji",
}
"""Windows zone name -> IANA name, for every region with a warehouse or a neighbour of one."""
