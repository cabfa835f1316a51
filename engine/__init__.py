"""The engine: everything that decides, trades and remembers. It knows no Streamlit."""
