"""The wire schema (.proto), the code generated from it, and how its fields lie in bytes."""
