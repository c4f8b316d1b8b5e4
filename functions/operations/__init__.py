"""The operator API: what the command line does with the stores, for programs and for the console."""
