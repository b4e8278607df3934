"""Data version 1471030898, 12 August 2016: wider text columns on MySQL."""

from bbs.layouts.upstream_sql import UpstreamSQL

LAYOUT = UpstreamSQL(version=1471030898)
