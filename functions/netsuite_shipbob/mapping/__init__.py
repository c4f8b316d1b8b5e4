"""Pure functions between NetSuite's words and ShipBob's."""
