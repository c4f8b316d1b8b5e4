"""The local run: an embedded AWS, strict vendor simulators and the demo. Nothing here is deployed."""
