"""Data version 1441411196, 4 September 2015: protobuf in an envelope, as base64 or encrypted.

Keys and units are those of data version 0.
"""

from bbs.encryption.envelope import Form
from bbs.layouts.etcd_era import EtcdEra

LAYOUT = EtcdEra(version=1441411196, form=Form.PROTOBUF, split=False, milliseconds=False)
