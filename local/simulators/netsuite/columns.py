"""The columns of the tables that SuiteQL sees, and how values are put into their cells.

Every cell that BUILTIN.DF or BUILTIN.CF can be asked for has a shadow column beside it (`status__df`, `status__cf`).
Moments are wall-clock time of the session's zone: the hour that daylight saving repeats is ambiguous, as it is there.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from local.simulators.netsuite.records import plain
from local.simulators.netsuite.world import World

MARK = "\x02"
Row = dict[str, Any]
OPTIONAL = {
    "transactionline": ("isclosed", "expectedreceiptdate", "units", "uniquekey", "itemtype"),
    "item": ("itemtype", "islotitem", "isserialitem", "usebins"),
    "nexttransactionlinelink": ("previousline", "nextline"),
    "previoustransactionlinelink": ("previousline", "nextline"),
}
_LINK = "previousdoc previousline previoustype nextdoc nextline nexttype linktype"
_STOCK = "item item__df location location__df quantityonhand quantityavailable quantityonorder quantitycommitted"
COLUMNS: dict[str, str] = {
    "transaction": (
        "id type type__df tranid transactionnumber entity entity__df trandate status status__df status__cf "
        "lastmodifieddate createddate externalid otherrefnum memo foreigntotal currency posting approvalstatus "
        "recordtype shipdate duedate shippingaddress email voided location employee shipmethod shipmethod__df"
    ),
    "transactionline": (
        "transaction id linesequencenumber uniquekey item item__df mainline taxline quantity quantityshiprecv "
        "quantitybilled units location location__df isclosed expectedreceiptdate createdfrom createdfrom__df "
        "subsidiary isinventoryaffecting itemtype memo rate netamount foreignamount entity expenseaccount "
        "kitcomponent kitmemberof iscogs department class"
    ),
    "item": (
        "id itemid fullname displayname upccode externalid itemtype islotitem isserialitem usebins isinactive "
        "lastmodifieddate cost"
    ),
    "location": "id name fullname externalid subsidiary subsidiary__df isinactive",
    "subsidiary": "id name fullname externalid isinactive",
    "vendor": "id entityid companyname externalid isinactive",
    "customer": "id entityid companyname email externalid isinactive",
    "account": "id acctnumber fullname accountsearchdisplayname accttype externalid isinactive",
    "shipitem": "id itemid externalid isinactive",
    "itemmember": "parentitem item quantity",
    "nexttransactionlinelink": _LINK,
    "previoustransactionlinelink": _LINK,
    "trackingnumber": "id trackingnumber",
    "trackingnumbermap": "transaction trackingnumber",
    "aggregateitemlocation": _STOCK,
    "inventoryitemlocations": _STOCK,
    "inventorybalance": "item item__df location location__df quantityonhand quantityavailable",
    "transactionshippingaddress": "nkey addressee attention addr1 addr2 addr3 city state zip country addrphone",
    "accountingperiod": "id periodname closed",
    "dual": "dummy",
}
PERMISSIONS = {
    "transaction": "TRAN_FIND",
    "transactionline": "TRAN_FIND",
    "item": "LIST_ITEM",
    "location": "LIST_LOCATION",
    "subsidiary": "LIST_SUBSIDIARY",
    "vendor": "LIST_VENDOR",
    "customer": "LIST_CUSTJOB",
    "account": "LIST_ACCOUNT",
    "shipitem": "LIST_SHIPITEM",
}
OF_TRANSACTIONS = (
    "transaction",
    "transactionline",
    "nexttransactionlinelink",
    "previoustransactionlinelink",
    "trackingnumber",
    "trackingnumbermap",
    "transactionshippingaddress",
)


def flag(value: object) -> str:
    """T or F."""
    return "T" if value else "F"


def day(value: Any) -> str | None:
    """A date for the tables."""
    return f"{MARK}{value} 00:00:00" if value else None


def moment(world: World, at: datetime) -> str:
    """A moment for the tables, in the session's zone."""
    return f"{MARK}{at.astimezone(ZoneInfo(world.switches.query_zone)):%Y-%m-%d %H:%M:%S}"


def number(value: Any) -> int | float | None:
    """A number for the tables."""
    return None if value is None else plain(Decimal(str(value)))


def columns(world: World, table: str) -> list[str]:
    """The columns of a table: custom fields included, optional ones only when the account has them."""
    found = COLUMNS[table].split()
    if not world.switches.optional_columns:
        found = [name for name in found if name not in OPTIONAL.get(table, ())]
    prefix = {"transaction": "custbody", "transactionline": "custcol"}.get(table)
    custom = {name.lower() for fields in world.masters.custom_fields.values() for name in fields}
    return [*found, *sorted(name for name in custom if prefix and name.startswith(prefix))]
