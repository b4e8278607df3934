"""Measurements on real processes; each prints its figures and what they were measured on."""
