"""Four pictures of energy: by layer, spikes by time, by model, and against quality."""
