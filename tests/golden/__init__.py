"""Recordings of the real BBS (`recordings/`), replayed against a real server of ours and compared byte for byte."""
