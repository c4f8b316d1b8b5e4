"""What both sides hold of a window, listed for the reconciliation: receipts, on-hand, shipments, returns, charges.

Month-end: `ml-connector reconcile` compares these lists and names each difference with what repairs it.
"""

from __future__ import annotations

from netsuite_shipbob.surveys.charges import charges
from netsuite_shipbob.surveys.receipts import receipts
from netsuite_shipbob.surveys.returns import returns
from netsuite_shipbob.surveys.shipments import shipments
from netsuite_shipbob.surveys.stock import stock

SURVEYS = {"receipts": receipts, "stock": stock, "shipments": shipments, "returns": returns, "charges": charges}
