"""The steps of a roll, each a small file: what it does now, what it waits for, and when it is done."""
