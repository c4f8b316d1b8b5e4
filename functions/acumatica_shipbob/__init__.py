"""Acumatica and ShipBob: sales orders and items out; shipments, stock and charges back."""
