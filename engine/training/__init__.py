"""Training: purged walk-forward fit, an honest report, and the model that goes on."""
