"""Microsoft Dynamics GP: Web Services (SOAP 1.1, the "legacy" endpoint) and, for a few reads, SBA (REST)."""
