"""Data version 1722634733, 2 August 2024: `desired_lrps.metric_tags`, taken out of the run info."""

from bbs.layouts.upstream_sql import UpstreamSQL

LAYOUT = UpstreamSQL(version=1722634733)
