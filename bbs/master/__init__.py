"""The master: election, lease, commit pipeline, replication to standbys, supervisor."""
