"""Diego's API as its consumers load it: lists, single reads and writes against one BBS in a process of its own."""
