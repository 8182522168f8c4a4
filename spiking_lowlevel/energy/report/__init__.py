"""How the numbers are told: as a value, as text for people, as files for machines, as pictures."""
