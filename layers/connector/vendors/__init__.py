"""One package per vendor: client, wire shapes, fault table. Clients speak through `connector.transport`."""
