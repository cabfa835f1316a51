"""Members of the ensemble, one a file, behind one protocol. Adding one = a file here and a line in roster.py."""
