"""Data version 1772581987, 3 March 2026: `desired_lrps.update_strategy`; the one of this era that is written."""

from bbs.layouts.upstream_sql import UpstreamSQL

LAYOUT = UpstreamSQL(version=1772581987, serves=True)
