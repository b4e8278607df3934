"""`python -m bbs.cli`, for a child that must run under the very interpreter of its parent."""

from bbs.cli import main

main()
