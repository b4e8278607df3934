"""The proof on a real cluster: scenarios, what they see it with, and what runs inside the cluster (`probe`)."""
