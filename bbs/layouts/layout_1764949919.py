"""Data version 1764949919, 5 December 2025: the table `bbs_health_check`, which holds no record."""

from bbs.layouts.upstream_sql import UpstreamSQL

LAYOUT = UpstreamSQL(version=1764949919)
