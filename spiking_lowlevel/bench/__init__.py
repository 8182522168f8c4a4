"""`slv bench`: how long a network takes, to restore and to learn, and how that compares."""
