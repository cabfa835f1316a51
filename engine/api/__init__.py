"""Floor 6: REST doors on what the screens read. They only read; asking is done by commands."""
