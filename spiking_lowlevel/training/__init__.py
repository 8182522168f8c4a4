"""Training and evaluation from a command line, and what makes a run survive its interruptions."""
