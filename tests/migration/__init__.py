"""The decision, the rehearsal and the runner."""
