"""Data version 1522700600, 2 April 2018: `tasks.rejection_count`."""

from bbs.layouts.upstream_sql import UpstreamSQL

LAYOUT = UpstreamSQL(version=1522700600)
