"""Strict vendor simulators, written from the vendors' facts. They never import `connector` or `vendors`."""
