"""Data version 1474908092, 26 September 2016: crash reasons and placement errors of up to 1024 characters."""

from bbs.layouts.upstream_sql import UpstreamSQL

LAYOUT = UpstreamSQL(version=1474908092)
