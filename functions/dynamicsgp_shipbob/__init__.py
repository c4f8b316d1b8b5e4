"""Dynamics GP and ShipBob: orders, shipments and returns into GP; stock changes to ShipBob."""
