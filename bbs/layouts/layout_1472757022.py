"""Data version 1472757022, 1 September 2016: `desired_lrps.placement_tags`."""

from bbs.layouts.upstream_sql import UpstreamSQL

LAYOUT = UpstreamSQL(version=1472757022)
