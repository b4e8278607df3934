"""The judgements of the end-to-end scenarios, without a cluster."""
