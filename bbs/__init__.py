"""The BBS: Diego's bulletin board, one elected master in front of a fenced store."""
