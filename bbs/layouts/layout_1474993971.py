"""Data version 1474993971, 27 September 2016: routes are encrypted."""

from bbs.layouts.upstream_sql import UpstreamSQL

LAYOUT = UpstreamSQL(version=1474993971)
