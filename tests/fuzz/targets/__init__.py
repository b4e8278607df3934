"""One file a target: what it is fed with, and what must hold for it."""
