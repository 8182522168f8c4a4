"""Counting: what a network does, operation by operation, without a price."""
