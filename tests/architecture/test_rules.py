"""The source obeys every rule, and every rule can tell when it does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.architecture import rules_of_code as code
from tests.architecture import rules_of_imports as imports
from tests.architecture.source import Source, parse, project

Rule = Callable[[Source], Iterator[str]]
RULES: tuple[Rule, ...] = (*imports.RULES, *code.RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_source_obeys(rule: Rule) -> None:
    broken = [complaint for source in project() for complaint in rule(source)]
    assert not broken, "\n".join([rule.__doc__ or "", *broken])


long_function = "def f() -> None:\n" + "    x = 1\n" * 50
ten_and_one = "class C:\n" + "".join(f"    def m{i}(self) -> None: ...\n" for i in range(11))

PLANTED = [
    (imports.floor_0_is_standard_library, "engine/domain/bar.py", "import numpy"),
    (imports.middle_floors_are_numeric, "engine/risk/size.py", "import streamlit"),
    (imports.middle_floors_are_numeric, "engine/backtest/loop.py", "from scipy import stats"),
    (imports.no_late_first_party_import, "engine/risk/size.py", "def f():\n    from engine.domain import bar"),
    (imports.only_launchers_load_by_name, "engine/bootstrap.py", "importlib.import_module('engine.x')"),
    (imports.only_screens_know_streamlit, "engine/queries/a.py", "import altair as alt"),
    (imports.engine_never_looks_up, "engine/api/a.py", "from pages.parts import charts"),
    (imports.product_never_imports_tests, "pages/trade.py", "from tests.builders import bar"),
    (imports.pages_reach_no_adapter, "pages/trade.py", "from engine.adapters.database import reads"),
    (imports.one_file_knows_the_scheduler, "engine/autotrader/cycle.py", "from apscheduler.triggers import cron"),
    (imports.one_file_reads_the_environment, "engine/bootstrap.py", "import os\nhome = os.environ['HOME']"),
    (imports.one_file_reads_the_environment, "pages/router.py", "from os import getenv"),
    (imports.no_pickle, "engine/adapters/models/files.py", "import pickle"),
    (imports.no_pickle, "engine/learning/fit.py", "import numpy as np\nnp.load('a', allow_pickle=True)"),
    (code.files_fit_on_a_few_screens, "engine/risk/size.py", "x = 1\n" * 401),
    (code.files_fit_on_a_few_screens, "pages/trade.py", "x = 1\n" * 121),
    (code.functions_fit_on_a_screen, "engine/risk/size.py", long_function),
    (code.arguments_have_names, "engine/risk/size.py", "def f(a, b, c, d, e, f): ..."),
    (code.classes_do_one_thing, "engine/risk/size.py", ten_and_one),
    (code.no_vague_names, "engine/risk/utils.py", ""),
    (code.no_vague_names, "engine/risk/size.py", "class OrderManager: ..."),
    (code.house_words, "engine/market/sync.py", "def fetch_klines(): ..."),
    (code.house_words, "engine/risk/size.py", "risk_pct = 1"),
    (code.risk_alone_approves, "engine/execution/desk.py", "order.ApprovedOrder(order=o)"),
    (code.money_is_never_a_float, "engine/execution/desk.py", "float(order.quantity)"),
    (code.money_is_never_a_float, "engine/execution/desk.py", "Decimal(0.1)"),
    (code.money_is_never_a_float, "engine/execution/desk.py", "Decimal(str(float(x)))"),
    (code.money_is_never_a_float, "engine/execution/desk.py", "Decimal(bar.close)"),
    (code.broad_catches_stand_at_the_edge, "engine/market/sync.py", "try:\n    f()\nexcept Exception:\n    pass"),
    (code.broad_catches_stand_at_the_edge, "engine/market/sync.py", "try:\n    f()\nexcept:\n    pass"),
    (code.importing_does_nothing, "engine/market/sync.py", "connect()"),
    (code.importing_does_nothing, "engine/market/sync.py", "with open('a') as f:\n    x = f.read()"),
    (code.waiting_is_the_clocks_business, "engine/market/sync.py", "import time\ntime.sleep(1)"),
]


@pytest.mark.parametrize(("rule", "path", "text"), PLANTED)
def test_a_planted_fault_is_found(rule: Rule, path: str, text: str) -> None:
    assert list(rule(parse(path, text)))


def test_every_rule_has_a_planted_fault() -> None:
    assert {rule for rule, *_ in PLANTED} == set(RULES)


def test_what_is_allowed_passes() -> None:
    decent = parse(
        "engine/risk/approve.py",
        "import numpy as np\nfrom engine.domain.order import ApprovedOrder\n"
        "def approve(order):\n    return ApprovedOrder(order=order)\n",
    )
    assert [complaint for rule in RULES for complaint in rule(decent)] == []
