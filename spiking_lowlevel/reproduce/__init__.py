"""Training a recorded run again, and telling whether the same came of it."""
