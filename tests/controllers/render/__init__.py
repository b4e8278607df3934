"""Tests of controllers.render."""
