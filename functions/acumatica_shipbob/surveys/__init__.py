"""What both sides hold of a window, listed for the reconciliation: orders, shipments and tracking, stock, charges."""

from __future__ import annotations

from acumatica_shipbob.surveys.charges import charges
from acumatica_shipbob.surveys.orders import orders
from acumatica_shipbob.surveys.shipments import shipments
from acumatica_shipbob.surveys.stock import stock

SURVEYS = {"orders": orders, "shipments": shipments, "stock": stock, "charges": charges}
