"""Data version 1461790966, 27 April 2016: the first relational one: four tables, filled from etcd.

Routes lie in plain text; `evacuating` says which LRP of an index a row is.
"""

from bbs.layouts.upstream_sql import UpstreamSQL

LAYOUT = UpstreamSQL(version=1461790966)
