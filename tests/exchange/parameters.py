"""What a request may say: each parameter's legal characters, and the exchange's words where it says something else."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from tests.exchange.refusal import Refusal

SYMBOL = r"^[A-Z0-9-_.]{1,20}$"
NUMBER = r"^[0-9]{1,20}$"
WORD = r"^[A-Za-z0-9_]{1,20}$"
ZONE = r"^[-+:0-9]{1,6}$"
ANY = r"^.+$"


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    legal: str = ANY
    mandatory: bool = False


def check(sent: tuple[tuple[str, str], ...], known: tuple[Parameter, ...]) -> dict[str, str]:
    """The request's parameters, or the refusal the exchange would give."""
    values: dict[str, str] = {}
    for name, value in sent:
        if name in values:
            raise Refusal(-1101, f"Duplicate values for parameter '{name}'.")
        values[name] = value
    for parameter in known:
        name, text = parameter.name, values.get(parameter.name)
        if text is None and parameter.mandatory:
            raise Refusal(-1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")
        if text == "":
            raise Refusal(-1105, f"Parameter '{name}' was empty.")
        if text is not None and not re.match(parameter.legal, text):
            raise Refusal(-1100, f"Illegal characters found in parameter '{name}'; legal range is '{parameter.legal}'.")
    read = sum(1 for parameter in known if parameter.name in values)
    if read < len(values):
        raise Refusal(
            -1104, f"Not all sent parameters were read; read '{read}' parameter(s) but was sent '{len(values)}'."
        )
    return values


def limit(values: Mapping[str, str], default: int, most: int) -> int:
    """The row limit: too much is cut to the most there is, zero is no limit at all."""
    count = int(values.get("limit", default))
    if not count:
        raise Refusal(-1130, "Data sent for parameter 'limit' is not valid.")
    return min(count, most)


def number(values: Mapping[str, str], name: str) -> int | None:
    return int(values[name]) if name in values else None


def symbols(values: Mapping[str, str]) -> list[str] | None:
    """The names in `symbol` or `symbols`, or None where neither is given."""
    if "symbol" in values and "symbols" in values:
        raise Refusal(-1128, "Combination of optional parameters invalid.")
    if "symbol" in values:
        return [values["symbol"]]
    if "symbols" not in values:
        return None
    try:
        names = json.loads(values["symbols"])
    except ValueError:
        names = None
    if not isinstance(names, list) or not names or not all(re.match(SYMBOL, str(name)) for name in names):
        legal = r'^\[("[A-Z0-9-_.]{1,20}"(,"[A-Z0-9-_.]{1,20}"){0,}){0,1}\]$'
        raise Refusal(-1100, f"Illegal characters found in parameter 'symbols'; legal range is '{legal}'.")
    return names
