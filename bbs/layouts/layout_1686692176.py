"""Data version 1686692176, 13 June 2023: `actual_lrps.routable`, true for what ran."""

from bbs.layouts.upstream_sql import UpstreamSQL

LAYOUT = UpstreamSQL(version=1686692176)
