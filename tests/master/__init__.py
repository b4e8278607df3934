"""Lease, watch, pipeline, stream and the member that is made of them."""
