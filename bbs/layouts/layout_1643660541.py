"""Data version 1643660541, 31 January 2022: `actual_lrps.internal_routes`."""

from bbs.layouts.upstream_sql import UpstreamSQL

LAYOUT = UpstreamSQL(version=1643660541)
