"""Pure functions from one side's words to the other's: record in, draft out, every default and rounding noted."""
