"""Migration: the decision what to do with a store, and the runner that moves its records from layout to layout."""
