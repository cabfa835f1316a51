"""Getting bars: synced from Binance, or imported from files."""

from __future__ import annotations

import tempfile
from pathlib import Path

import streamlit as st

from engine.domain.command import CommandKind
from engine.domain.interval import Interval
from engine.domain.job import JobKind
from engine.queries.market import symbols
from pages.parts.ask import ask, form_button
from pages.parts.frame import section
from pages.parts.jobs import job_progress
from pages.parts.wiring import console


def get_more() -> None:
    """Sync from a source, or import files."""
    section("Get bars")
    left, right = st.columns(2, gap="medium")
    with left.container(border=True, height="stretch"):
        st.markdown("**From Binance** · public prices, no account needed")
        job_progress(JobKind.SYNC)
        symbol = st.text_input(
            "Instrument", "BTCUSDT", key="sync_symbol", help=", ".join(symbols(console(), "BINANCE")[:20])
        )
        interval = st.selectbox(
            "Interval", list(Interval), index=list(Interval).index(Interval.H1), key="sync_interval"
        )
        days = st.number_input("Days", 1, 5000, 365, key="sync_days")
        form_button(
            "Sync",
            CommandKind.SYNC,
            {
                "source": "BINANCE",
                "symbol": symbol.strip().upper(),
                "interval": (interval or Interval.H1).value,
                "days": int(days),
            },
            key="sync",
            icon=":material/sync:",
        )
    with right.container(border=True, height="stretch"):
        st.markdown("**From files** · parquet, feather or CSV")
        job_progress(JobKind.IMPORT)
        path = st.text_input("File or folder on this machine", key="import_path", placeholder="/data/BTCUSDT-1h.csv")
        form_button("Import", CommandKind.IMPORT, {"paths": [path.strip()]}, key="import", disabled=not path.strip(),
                    icon=":material/upload_file:")  # fmt: skip
        files = st.file_uploader("Or upload", type=["parquet", "feather", "csv", "zip"], accept_multiple_files=True,
                                 key="import_upload")  # fmt: skip
        if files and st.button("Import the upload", key="import_files", icon=":material/upload:"):
            from_upload([(file.name, file.getvalue()) for file in files])


def from_upload(files: list[tuple[str, bytes]]) -> None:
    """Keep the files in a folder of their own until the import has read them."""
    folder = Path(tempfile.mkdtemp(prefix="aaiti-upload-"))
    for name, content in files:
        (folder / Path(name).name).write_bytes(content)
    ask(CommandKind.IMPORT, {"paths": [str(folder)]})
    st.rerun()
