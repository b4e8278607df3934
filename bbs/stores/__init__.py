"""Stores: etcd and SQLite behind one small contract, with one conformance suite."""
