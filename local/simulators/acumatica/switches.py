"""Preferences of the simulated tenant and behaviours that no source settles: all in one place, all switchable."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any


@dataclass
class Switches:
    """Defaults are the least comfortable documented behaviour."""

    # dialect
    strict: bool = True  # misspelt options and unknown names in $select and $expand are refused
    tenant_offset_minutes: int = 0
    stamp_skew_seconds: float = 0.0  # the application server's clock against the true one
    fraction_ticks: bool = True  # stamps carry a seventh fraction digit
    commit_lag_seconds: float = 0.0  # people's changes become visible this long after their stamp
    pad_segmented_keys: bool = True
    unexpanded_collections: str = "absent"  # or "empty"
    put_answer: str = "set"  # "set": keys, what was sent and what was asked for; "full": the whole header
    row_links: bool = True
    entity_root_as_array: bool = False  # old builds answer a bare array
    require_content_length: bool = True
    touch_header_on_line_change: bool = True
    truncate_long_strings: bool = False  # else a field error

    # lists
    optimisation_failures: bool = True
    unoptimisable: dict[str, list[str]] = field(default_factory=dict)  # entity -> fields no list may ask for
    shipment_list: str = "works"  # or "error", "empty": as some sites answer any list of shipments
    cross_view_filters_match_nothing: bool = True
    shuffle_every_request: bool = False

    # sessions, licence
    multi_tenant: bool = True
    seats: int | None = 10
    login_limit_status: int = 500  # or 429
    idle_minutes: int = 20
    requests_per_minute: int | None = None
    rotate_refresh_tokens: bool = True
    return_refresh_token: bool = True
    wrong_passwords_before_lock: int = 5
    consent_denied: bool = False

    # long operations
    operation_polls: int = 2  # status requests answered 202 before the end
    operation_seconds: float = 5.0  # an operation nobody polls ends after this long
    at_once: list[str] = field(default_factory=list)  # long actions that answer 204 at once
    bogus_location: bool = True  # short actions answer 204 with a Location that leads nowhere

    # documents
    orders_start_on_hold: bool = False
    orders_need_approval: bool = False
    shipments_start_on_hold: bool = False
    ship_without_stock: bool = False
    confirmed_shipment_editable: bool = False
    attributes_writable_when_closed: bool = True
    update_in_completes_shipment: bool = True
    package_confirmation_required: bool = False
    adjustments_start_on_hold: bool = True
    adjustments_need_approval: bool = False
    negative_stock_allowed: bool = False
    bills_start_on_hold: bool = True
    require_vendor_ref: bool = True
    refuse_duplicate_vendor_ref: bool = False
    validate_document_totals: bool = True
    summary_total_row: bool = True

    # push notifications
    push_copies: int = 1
    push_reversed: bool = False
    push_lose: int = 0  # so many next notifications are lost before sending

    def turn(self, changes: dict[str, Any]) -> None:
        """Sets switches by name; raises KeyError for a name that is none."""
        known = {item.name for item in fields(self)}
        for name, value in changes.items():
            if name not in known:
                raise KeyError(f"no switch {name!r}")
            setattr(self, name, value)
