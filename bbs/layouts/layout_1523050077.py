"""Data version 1523050077, 6 April 2018: `tasks.rejection_reason`."""

from bbs.layouts.upstream_sql import UpstreamSQL

LAYOUT = UpstreamSQL(version=1523050077)
