"""Tasks: work that runs once (docs/reference/tasks.md)."""
