"""One file a scenario: what it promises stands in its first lines, what it measured in the line it returns."""
