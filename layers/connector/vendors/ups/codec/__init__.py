"""The forms that UPS wants values in: Latin-1 text, wrapped lines, phones, postal codes, measures, 1Z numbers."""
