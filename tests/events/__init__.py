"""Event streams: what is told, to whom, in which bytes, and when a stream ends."""
