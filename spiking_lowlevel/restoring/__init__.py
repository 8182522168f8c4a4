"""Photographs in, restored photographs out: trained networks by name, and files of any kind."""
