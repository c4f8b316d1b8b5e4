"""Which companies the demo shows, and what each of them plays."""

from __future__ import annotations

from local.demo.act import Act, Tell
from local.demo.backoffice import BackOfficeAct
from local.demo.companies.gp import GpCompany
from local.demo.companies.netsuite import NetSuiteCompany
from local.demo.companies.shipbob import ShipBobCompany
from local.demo.companies.shipstation import ShipStationCompany
from local.demo.companies.ups import UpsCompany
from local.demo.company import Company
from local.demo.internet import Ticker
from local.demo.labels import LabelAct
from local.demo.parcels import ParcelAct
from local.demo.people import Operator
from local.demo.replenishment import ReplenishmentAct
from local.demo.shipbob import ShipBobAct


def act_of(company: Company, document: dict[str, object], operator: Operator, ticker: Ticker, tell: Tell) -> Act:
    """What a company plays. Raises LookupError for one that has no act."""
    match company:
        case ShipBobCompany():
            return ShipBobAct(company, operator, document, tell)
        case UpsCompany():
            return LabelAct(company, ticker, tell)
        case ShipStationCompany():
            return ParcelAct(company, document, tell)
        case NetSuiteCompany():
            return ReplenishmentAct(company, tell)
        case GpCompany():
            return BackOfficeAct(company, operator, document, tell)
    raise LookupError(f"{type(company).__name__} plays nothing")
