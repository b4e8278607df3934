"""Data version 1442529338, 17 September 2015: a desired LRP lies in halves, one for the auction and one for the cell.

`desired_lrp/schedule/<guid>` and `desired_lrp/run/<guid>`; the update strategy, younger than both, is lost.
"""

from bbs.encryption.envelope import Form
from bbs.layouts.etcd_era import EtcdEra

LAYOUT = EtcdEra(version=1442529338, form=Form.PROTOBUF, split=True, milliseconds=False)
