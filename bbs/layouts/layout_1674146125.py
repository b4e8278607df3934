"""Data version 1674146125, 19 January 2023: the widest text columns on MySQL."""

from bbs.layouts.upstream_sql import UpstreamSQL

LAYOUT = UpstreamSQL(version=1674146125)
