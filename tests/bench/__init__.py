"""How fast the parts are that a person waits for: `make bench`."""
