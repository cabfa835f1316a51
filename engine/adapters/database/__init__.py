"""The database: ledger, board and model registry on SQLite or PostgreSQL. Rows stay inside this folder."""
