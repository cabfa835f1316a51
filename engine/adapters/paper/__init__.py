"""The paper account: a venue in memory that fills from the prices it is shown."""
