"""Pure functions between the words of ShipBob and those of Dynamics GP."""
