"""Data version 1528928964, 13 June 2018: error texts of tasks of up to 1024 characters."""

from bbs.layouts.upstream_sql import UpstreamSQL

LAYOUT = UpstreamSQL(version=1528928964)
