"""Passes of convergence."""
