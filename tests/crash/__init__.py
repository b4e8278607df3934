"""The crash run: a process killed at every store operation of a migration, and another one that finishes its work."""
