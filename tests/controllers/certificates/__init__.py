"""Tests of controllers.certificates."""
