"""Who may import what, beyond what import-linter can say."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

from tests.architecture.source import Source, called, imported, imports

FIRST_PARTY = ("engine", "pages", "tests", "app")
FLOOR_0 = ("engine/domain/", "engine/ports/")
FLOORS_1_TO_3 = tuple(
    f"engine/{room}/"
    for room in (
        "statistics", "kernel", "features", "learning", "risk", "portfolio", "strategy", "market", "execution",
        "training", "queries", "commands", "backtest",
    )
)  # fmt: skip
NUMERIC = {"numpy", "pandas", "sklearn", "talib", "numba", "joblib", "threadpoolctl"}
"""The last two are scikit-learn's own: how it spreads work over processes, and how it is told to stay on one thread."""
LAUNCHERS = ("app.py", "engine/__main__.py", "pages/parts/loading.py")
"""Only these may load a room of the engine late, and they say so with importlib."""


def _tops(source: Source) -> Iterator[tuple[int, str]]:
    for line, name in imports(source):
        yield line, name.split(".")[0]


def floor_0_is_standard_library(source: Source) -> Iterator[str]:
    """Domain and ports import the standard library and one another."""
    if source.under(*FLOOR_0):
        for line, top in _tops(source):
            if top != "engine" and top not in sys.stdlib_module_names:
                yield f"{source.path}:{line} imports {top}"


def middle_floors_are_numeric(source: Source) -> Iterator[str]:
    """Floors 1-3 and backtest may add the numeric libraries, no others."""
    if source.under(*FLOORS_1_TO_3):
        for line, top in _tops(source):
            if top != "engine" and top not in sys.stdlib_module_names and top not in NUMERIC:
                yield f"{source.path}:{line} imports {top}"


def no_late_first_party_import(source: Source) -> Iterator[str]:
    """An import of our own stands at the top of its file."""
    for function in ast.walk(source.tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            for node in ast.walk(function):
                for name in imported(node)[:1]:
                    if name.split(".")[0] in FIRST_PARTY:
                        yield f"{source.path}:{getattr(node, 'lineno', 0)} imports {name} inside a function"


def only_launchers_load_by_name(source: Source) -> Iterator[str]:
    """importlib would hide a dependency from import-linter."""
    if not source.under(*LAUNCHERS, "tests/"):
        for node in ast.walk(source.tree):
            if called(node) in {"importlib.import_module", "import_module", "__import__"}:
                yield f"{source.path}:{getattr(node, 'lineno', 0)} loads a module by name"


def only_screens_know_streamlit(source: Source) -> Iterator[str]:
    """Streamlit and Altair stay in pages/; app.py launches."""
    if not source.under("pages/", "app.py", "tests/"):
        for line, top in _tops(source):
            if top in {"streamlit", "altair"}:
                yield f"{source.path}:{line} imports {top}"


def engine_never_looks_up(source: Source) -> Iterator[str]:
    """The engine imports neither screens nor tests."""
    if source.under("engine/"):
        for line, top in _tops(source):
            if top in {"pages", "tests", "app"}:
                yield f"{source.path}:{line} imports {top}"


def product_never_imports_tests(source: Source) -> Iterator[str]:
    """Neither pages nor the launcher need the tests."""
    if source.under("pages/", "app.py"):
        for line, top in _tops(source):
            if top in {"tests", "pytest"}:
                yield f"{source.path}:{line} imports {top}"


def pages_reach_no_adapter(source: Source) -> Iterator[str]:
    """A page meets the engine in the database, through bootstrap, queries and commands; no adapter, no trader."""
    if source.under("pages/"):
        for line, name in imports(source):
            if name.startswith(("engine.adapters", "engine.autotrader", "engine.execution", "sqlalchemy")):
                yield f"{source.path}:{line} imports {name}"


def one_file_knows_the_scheduler(source: Source) -> Iterator[str]:
    """APScheduler is imported by autotrader/schedule.py alone."""
    if not source.under("engine/autotrader/schedule.py", "tests/"):
        for line, top in _tops(source):
            if top == "apscheduler":
                yield f"{source.path}:{line} imports apscheduler"


def one_file_reads_the_environment(source: Source) -> Iterator[str]:
    """settings.py is the sole reader of the environment."""
    if source.under("engine/settings.py", "tests/"):
        return
    for node in ast.walk(source.tree):
        read = isinstance(node, ast.Attribute) and node.attr in {"environ", "environb", "getenv"}
        if read or any(name in {"os.environ", "os.getenv"} for name in imported(node)):
            yield f"{source.path}:{getattr(node, 'lineno', 0)} reads the environment"


def no_pickle(source: Source) -> Iterator[str]:
    """Nothing that runs code while it loads: a model is a skops file. Tests may make hostile ones."""
    if source.under("tests/"):
        return
    unsafe_calls = {"joblib.load", "joblib.dump", "pd.read_pickle", "pandas.read_pickle", "eval", "exec"}
    for line, top in _tops(source):
        if top in {"pickle", "cloudpickle", "dill", "marshal", "shelve"}:
            yield f"{source.path}:{line} imports {top}"
    for node in ast.walk(source.tree):
        if called(node) in unsafe_calls:
            yield f"{source.path}:{getattr(node, 'lineno', 0)} calls {called(node)}"
        if isinstance(node, ast.keyword) and node.arg == "allow_pickle" and ast.unparse(node.value) != "False":
            yield f"{source.path}:{node.value.lineno} allows pickle"


RULES = (
    floor_0_is_standard_library, middle_floors_are_numeric, no_late_first_party_import, only_launchers_load_by_name,
    only_screens_know_streamlit, engine_never_looks_up, product_never_imports_tests, pages_reach_no_adapter,
    one_file_knows_the_scheduler, one_file_reads_the_environment, no_pickle,
)  # fmt: skip
