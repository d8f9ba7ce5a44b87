"""What a person reads before saying yes: the diff of the edits."""
