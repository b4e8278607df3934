"""Data version 1529530809, 20 June 2018: `actual_lrps.presence`, which takes the place of `evacuating` in the key."""

from bbs.layouts.upstream_sql import UpstreamSQL

LAYOUT = UpstreamSQL(version=1529530809)
