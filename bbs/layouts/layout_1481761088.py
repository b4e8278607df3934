"""Data version 1481761088, 15 December 2016: `desired_lrps.max_pids`."""

from bbs.layouts.upstream_sql import UpstreamSQL

LAYOUT = UpstreamSQL(version=1481761088)
