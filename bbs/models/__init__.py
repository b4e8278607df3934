"""The domain of the BBS: records, validation, and the transitions and queries behind each route. No I/O, no clock."""
