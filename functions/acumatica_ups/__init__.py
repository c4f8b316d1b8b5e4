"""Acumatica and UPS: shipments out as labels; tracking, delivery and signature back."""
