"""`python -m tests.record`: make the cassettes again, from the test exchange; with --real from the real hosts."""
