"""The operator's own authority, the leaves it signs, and the keys of the keyring."""

from controllers.certificates.authority import Issued, issue_authority, issue_leaf, not_after
from controllers.certificates.keyring import FIRST_LABEL, fingerprint, new_passphrase
from controllers.render.leaves import Leaf, leaf_of, leaves_of

__all__ = [
    "FIRST_LABEL",
    "Issued",
    "Leaf",
    "fingerprint",
    "issue_authority",
    "issue_leaf",
    "leaf_of",
    "leaves_of",
    "new_passphrase",
    "not_after",
]
