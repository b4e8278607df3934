"""Clients that misbehave against a real server over mutual TLS: it answers or closes, and serves everybody else."""
