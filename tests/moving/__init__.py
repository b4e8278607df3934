"""The move from etcd to a database: members, crash points and real engines."""
