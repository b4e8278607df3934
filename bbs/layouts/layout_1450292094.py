"""Data version 1450292094, 16 December 2015: the number only; binaries without cached dependencies refuse it."""

from bbs.encryption.envelope import Form
from bbs.layouts.etcd_era import EtcdEra

LAYOUT = EtcdEra(version=1450292094, form=Form.PROTOBUF, split=True, milliseconds=False)
