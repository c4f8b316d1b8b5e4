"""Pure functions: a record in, a draft out, or what is missing for it."""
