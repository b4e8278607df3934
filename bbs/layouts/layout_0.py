"""Data version 0, the stores before September 2015: bare JSON below `/v1`, no version record, never encrypted.

Desired LRPs lie whole under `desired/`. Timeouts are nanoseconds, start timeouts seconds. Fields that this version does
not know and text that is not UTF-8 are lost, as they were in Go.
"""

from bbs.encryption.envelope import Form
from bbs.layouts.etcd_era import EtcdEra

LAYOUT = EtcdEra(version=0, form=Form.JSON, split=False, milliseconds=False)
