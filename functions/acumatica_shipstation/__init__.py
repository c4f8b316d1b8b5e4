"""Acumatica and ShipStation: sales orders out; shipments, voids and labels back."""
