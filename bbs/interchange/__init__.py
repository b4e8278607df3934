"""Records as text: canonical JSON, export, import, digests and generated records. No store, no clock, no files."""
