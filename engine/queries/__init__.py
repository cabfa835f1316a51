"""Read models: what a screen or the API shows, prepared here so that it can be tested. No SQL, no Streamlit."""
