"""Tests of controllers.act."""
