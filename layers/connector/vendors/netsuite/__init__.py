"""NetSuite's REST web services: records, transforms and SuiteQL, signed in with a certificate.

Read `client.py` first. `queries.py` holds the SuiteQL, `shapes.py` reads its rows, `faults.py` says what refusals mean
and whether a write may have happened, `open.py` puts it together for a connection.
"""
