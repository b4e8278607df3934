"""Data version 1451635200, dated 1 January 2016: timeouts and start timeouts in milliseconds; the last one on etcd."""

from bbs.encryption.envelope import Form
from bbs.layouts.etcd_era import EtcdEra

LAYOUT = EtcdEra(version=1451635200, form=Form.PROTOBUF, split=True, milliseconds=True)
