"""Everything that imports Streamlit: one file a page, the pieces they share in `parts/`."""
