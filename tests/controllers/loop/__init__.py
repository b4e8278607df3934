"""The loop against a real API server; kubelet, BBS and cells are stood in for."""
