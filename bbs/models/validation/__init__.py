"""What a request must be before a transition looks at it: one module per part, each giving its list of failures."""
