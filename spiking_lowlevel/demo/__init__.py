"""`slv demo`: a page on this machine; photographs go in, clean ones and spikes come out."""
