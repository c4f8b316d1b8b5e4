"""What tests share: in-memory twins of the ports, a virtual clock, and a world built from them."""
