"""NetSuite and ShipBob: purchase orders out as receiving orders; receipts, tracking, returns and charges back."""
