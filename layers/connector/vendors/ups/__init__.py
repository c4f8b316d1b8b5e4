"""UPS's REST APIs: client, request builders, wire shapes, fault table.

Read `client.py` first. `requests/` builds what is sent, `shapes/` reads what comes back, `faults.py` says what UPS's
refusals mean and whether a label may have been bought, `open.py` puts it together for a connection.
"""
