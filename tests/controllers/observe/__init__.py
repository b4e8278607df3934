"""Tests of controllers.observe."""
