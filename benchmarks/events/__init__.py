"""What a delivery of an event costs, as the number of subscribers grows."""
