"""Pure functions between the words of Acumatica and UPS."""
