"""Data version 1676360874, 14 February 2023: `actual_lrps.metric_tags`."""

from bbs.layouts.upstream_sql import UpstreamSQL

LAYOUT = UpstreamSQL(version=1676360874)
