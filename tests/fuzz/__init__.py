"""Fuzzing: every decoder and every route, fed with what nobody meant to send."""
