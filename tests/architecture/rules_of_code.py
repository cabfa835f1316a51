"""What code of the house looks like: sizes, words, money, and where the broad catches stand."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.architecture.source import Source, called

MAX_FILE, MAX_PAGE, MAX_FUNCTION, MAX_METHODS, MAX_POSITIONAL = 400, 120, 50, 10, 5
MIGRATIONS = "engine/adapters/database/migrations/"
VENUE_WORDS_ALLOWED = ("engine/adapters/binance/", "engine/adapters/archive/", "engine/adapters/coingecko/", "tests/")
MONEY = frozenset(
    {
        "amount", "cash", "cost", "entry_price", "equity", "exit_price", "exposure", "fee", "fees", "money",
        "min_notional", "notional", "peak", "price", "profit", "quantity", "sellable", "stop_price", "target_price",
    }
)  # fmt: skip
OBSERVED = frozenset({"open", "high", "low", "close", "volume"})
"""Columns of bars: float64 observations, never money without ticks."""
NUMERIC_ROOMS = (
    "engine/features/", "engine/learning/", "engine/statistics/", "engine/training/", "engine/market/",
    "engine/backtest/", "engine/queries/", "tests/", "pages/",
)  # fmt: skip
WALL_WAITERS = ("engine/adapters/", "engine/autotrader/", "pages/parts/ask.py")
BROAD_CATCH = ("engine/autotrader/", "pages/parts/guard.py")


def files_fit_on_a_few_screens(source: Source) -> Iterator[str]:
    """400 lines a file; 120 a page."""
    lines = source.text.count("\n")
    is_page = source.path.startswith("pages/") and source.path.count("/") == 1
    limit = MAX_PAGE if is_page else MAX_FILE
    if lines > limit and not source.under(MIGRATIONS):
        yield f"{source.path} has {lines} lines (limit {limit})"


def functions_fit_on_a_screen(source: Source) -> Iterator[str]:
    """50 lines a function, docstring and all."""
    if source.under(MIGRATIONS):
        return
    for node in _functions(source):
        lines = (node.end_lineno or node.lineno) - node.lineno + 1
        if lines > MAX_FUNCTION:
            yield f"{source.path}:{node.lineno} {node.name} has {lines} lines (limit {MAX_FUNCTION})"


def arguments_have_names(source: Source) -> Iterator[str]:
    """At most five positional arguments; compiled functions, which numba calls without keywords, are exempt."""
    for node in _functions(source):
        arguments = [a.arg for a in (*node.args.posonlyargs, *node.args.args) if a.arg not in {"self", "cls"}]
        if len(arguments) > MAX_POSITIONAL and not node.decorator_list:
            yield f"{source.path}:{node.lineno} {node.name} takes {len(arguments)} positional arguments"


def classes_do_one_thing(source: Source) -> Iterator[str]:
    """At most ten public methods, except for a port and an adapter that implements one."""
    if source.under("engine/ports/", "engine/adapters/", "engine/queries/", "tests/"):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ClassDef):
            methods = [m for m in node.body if isinstance(m, ast.FunctionDef) and not m.name.startswith("_")]
            public = [m.name for m in methods if not m.decorator_list]
            if len(public) > MAX_METHODS:
                yield f"{source.path}:{node.lineno} {node.name} has {len(public)} public methods"


def no_vague_names(source: Source) -> Iterator[str]:
    """A name says what a thing is, not that somebody needed a place for it."""
    for part in source.path.removesuffix(".py").split("/"):
        if part in {"utils", "util", "common", "helpers", "helper", "misc", "managers", "handlers"}:
            yield f"{source.path}: no file or folder is called {part}"
    for name, line in _names(source):
        if re.search(r"Manager|Handler|Helper|Utils?\b|[a-z]_utils?\b", name) and not name.startswith("HTTP"):
            yield f"{source.path}:{line} {name}"


def house_words(source: Source) -> Iterator[str]:
    """Bars, quantities and ratios; the venues' own words stop in their adapters."""
    if source.under(*VENUE_WORDS_ALLOWED):
        return
    for number, line in enumerate(source.text.splitlines(), start=1):
        for word in re.findall(r"\b\w*(?:candle|kline)\w*", line, flags=re.IGNORECASE):
            if word == "candlestick_chart":  # an icon's name in Streamlit's set
                continue
            yield f"{source.path}:{number} says {word}; it is a bar"
    for name, number in _names(source):
        if re.search(r"(^|_)(pct|qty)(_|$)", name):
            yield f"{source.path}:{number} {name}; say _ratio, _bps or quantity"


def risk_alone_approves(source: Source) -> Iterator[str]:
    """ApprovedOrder is constructed in engine/risk/ and nowhere else."""
    if source.under("engine/risk/", "tests/risk/"):
        return
    for node in ast.walk(source.tree):
        if called(node).split(".")[-1] == "ApprovedOrder":
            yield f"{source.path}:{getattr(node, 'lineno', 0)} approves an order by itself"


def money_is_never_a_float(source: Source) -> Iterator[str]:
    """No float() on money, no Decimal from a float; numeric rooms hold no money."""
    if source.under("tests/exchange/"):  # it speaks the venue's numbers, apart from the product's
        return
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name, argument, line = called(node), node.args[0], node.lineno
        if name == "float" and _last_name(argument) in MONEY and not source.under(*NUMERIC_ROOMS):
            yield f"{source.path}:{line} float({ast.unparse(argument)})"
        if name in {"Decimal", "decimal.Decimal"} and _is_float(argument):
            yield f"{source.path}:{line} Decimal({ast.unparse(argument)})"
        if name in {"Decimal.from_float"}:
            yield f"{source.path}:{line} {name}"


def broad_catches_stand_at_the_edge(source: Source) -> Iterator[str]:
    """One broad catch at the cycle's edge, and the page guard."""
    if source.under(*BROAD_CATCH, "tests/"):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ExceptHandler):
            caught = ast.unparse(node.type) if node.type else "everything"
            passes_on = isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None
            if re.search(r"\b(Exception|BaseException)\b|everything", caught) and not passes_on:
                yield f"{source.path}:{node.lineno} catches {caught}"


def importing_does_nothing(source: Source) -> Iterator[str]:
    """A module of the engine defines things; it opens, connects and computes nothing while it is imported."""
    if not source.under("engine/") or source.under(MIGRATIONS):
        return
    acts = (ast.Expr, ast.For, ast.While, ast.With, ast.Try, ast.If)
    for node in source.tree.body:
        is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        test = ast.unparse(node.test) if isinstance(node, ast.If) else ""
        is_choice = test.startswith(("__name__", "TYPE_CHECKING", "sys.platform"))
        is_declaration = isinstance(node, ast.Expr) and called(node.value) in {"Index", "sa.Index"}
        if isinstance(node, acts) and not (is_docstring or is_choice or is_declaration):
            yield f"{source.path}:{node.lineno} does something at import: {ast.unparse(node).splitlines()[0]}"


def waiting_is_the_clocks_business(source: Source) -> Iterator[str]:
    """Clocks are passed in; adapters, the trader's threads and a page that awaits its answer wait by the wall."""
    if not source.under("engine/", "pages/"):
        return
    for node in ast.walk(source.tree):
        if called(node) == "time.sleep" and not source.under(*WALL_WAITERS):
            yield f"{source.path}:{getattr(node, 'lineno', 0)} sleeps by the wall clock"


def _functions(source: Source) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _names(source: Source) -> Iterator[tuple[str, int]]:
    """Names that the file itself gives: classes, functions, arguments, assigned variables and fields."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node.lineno
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _is_float(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, float)
    if isinstance(node, ast.Call) and called(node) in {"str", "repr"} and node.args:
        return _is_float(node.args[0])
    return called(node) in {"float", "np.float64"} or (isinstance(node, ast.Attribute) and node.attr in OBSERVED)


RULES = (
    files_fit_on_a_few_screens, functions_fit_on_a_screen, arguments_have_names, classes_do_one_thing, no_vague_names,
    house_words, risk_alone_approves, money_is_never_a_float, broad_catches_stand_at_the_edge, importing_does_nothing,
    waiting_is_the_clocks_business,
)  # fmt: skip
