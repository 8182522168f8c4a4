"""Studies: `slv energy` and `slv sweep`, questions to a network that the command line answers."""
