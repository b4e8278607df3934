"""Data version 1502289152, 9 August 2017: root file systems of up to 1024 characters."""

from bbs.layouts.upstream_sql import UpstreamSQL

LAYOUT = UpstreamSQL(version=1502289152)
