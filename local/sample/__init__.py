"""The sample company that the demo moves: its connection file, its goods and customers, its orders."""
