"""Migrations, rotations and upgrades of many records."""
