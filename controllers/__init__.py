"""The operator's brain: what a Diego resource means, what is seen of it, and what is to be done next."""
