"""Usage: python -m tests.record [--real]."""

from __future__ import annotations

import argparse

from engine.domain.errors import AaitiError
from tests.record.calls import FOLDER
from tests.record.recorder import record


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.record", description="Make every cassette again.")
    parser.add_argument("--real", action="store_true", help="ask Binance and CoinGecko themselves (needs a network)")
    try:
        for path in record(FOLDER, real=parser.parse_args().real):
            print(path.relative_to(FOLDER))
    except AaitiError as error:
        raise SystemExit(f"{error} The cassettes not named above are as they were.") from error


if __name__ == "__main__":
    main()
