"""Certificates made on the spot, for `bbs certs`, for tests and for a first try; a cluster's come from its operator."""

from bbs.certs.authority import Authority, Leaf, create_authority
from bbs.certs.directory import LEAVES, write_certificates

__all__ = ["LEAVES", "Authority", "Leaf", "create_authority", "write_certificates"]
