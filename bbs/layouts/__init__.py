"""Layouts: how records lie in a store, one small file per data version."""
