"""A thin client of etcd's v3 API on grpc.aio: ranges, transactions, compaction, status; mutual TLS; failover.

Its failures are the store's own kinds, told apart by one table of codes (`failures`).
"""

from bbs.stores.etcd_client.client import EtcdClient
from bbs.stores.etcd_client.member import Secrets

__all__ = ["EtcdClient", "Secrets"]
