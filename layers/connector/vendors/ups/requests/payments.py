"""Who pays. (Shipping, PaymentInformation; Rating calls the same block PaymentDetails.)"""

from __future__ import annotations

import re
from typing import Any

from vendors.ups.codec.sheet import Sheet
from vendors.ups.drafts import Payer, PayerKind, ShipDraft
from vendors.ups.settings import UpsSystem

TRANSPORT = "01"
DUTIES = "02"


def charges(draft: ShipDraft, system: UpsSystem, sheet: Sheet) -> list[dict[str, Any]]:
    """Transport, and duties and taxes where somebody is named for them."""
    found = [_charge(TRANSPORT, draft.payer, system, "payer", sheet)]
    if draft.duties is not None:
        found.append(_charge(DUTIES, draft.duties, system, "payer of duties", sheet))
    return found


def _charge(kind: str, payer: Payer, system: UpsSystem, name: str, sheet: Sheet) -> dict[str, Any]:
    if payer.kind is PayerKind.SHIPPER:
        # Must equal ShipperNumber, or UPS answers 120415.
        return {"Type": kind, "BillShipper": {"AccountNumber": system.account_number}}
    if payer.kind is PayerKind.CONSIGNEE:
        return {"Type": kind, "ConsigneeBilledIndicator": "Y"}
    account = payer.account.strip().upper()
    if not re.fullmatch(r"[0-9A-Z]{6}", account, re.ASCII):
        sheet.problem(name, "needs a UPS account of six letters or digits" if account else "has no UPS account")
    postal = re.sub(r"[\s-]", "", payer.postal_code.upper())
    if not postal or len(postal) > 9:
        sheet.problem(f"{name} postal code", "is missing" if not postal else "has more than 9 characters")
    if payer.kind is PayerKind.RECEIVER:
        return {"Type": kind, "BillReceiver": {"AccountNumber": account, "Address": {"PostalCode": postal}}}
    code = payer.country.strip().upper()
    if not re.fullmatch(r"[A-Z]{2}", code, re.ASCII):
        sheet.problem(f"{name} country", "must be a code of two letters" if code else "is missing")
    address = {"PostalCode": postal, "CountryCode": code}
    return {"Type": kind, "BillThirdParty": {"AccountNumber": account, "Address": address}}
