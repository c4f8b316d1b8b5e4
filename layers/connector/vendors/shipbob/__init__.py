"""ShipBob's Developer API, versions 2025-07, 2026-01 and 2026-07: client, wire shapes, fault table.

Read `client.py` first. `open.py` puts it together for a connection; `faults.py` says what ShipBob's refusals mean.
"""
