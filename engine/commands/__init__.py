"""What an operator may ask for: typed requests read from command rows and from the command line."""
