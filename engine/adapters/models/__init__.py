"""Model artefacts as files: skops, never pickle; hashed before they are read."""
