"""What the learning is worth, measured for longer than a test may take: `make study`."""
