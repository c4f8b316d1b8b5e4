"""The kernel of ml-connector: exactly-once effects over at-least-once delivery. No vendor's name in here."""
