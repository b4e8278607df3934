"""Data version 1698182853, 24 October 2023: `actual_lrps.availability_zone`."""

from bbs.layouts.upstream_sql import UpstreamSQL

LAYOUT = UpstreamSQL(version=1698182853)
