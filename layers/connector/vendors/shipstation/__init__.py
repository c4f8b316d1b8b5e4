"""ShipStation: V1 (orders, shipments, fulfilments, products, customers, webhooks) and V2 (labels).

The two have keys, limits, errors and times of their own; `client.py` speaks V1, `labels.py` V2.
"""
