"""The work: every member fitted on every fold and on everything, by joblib, with progress and a way to stop."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

import joblib
import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from engine.domain.errors import ModelError
from engine.learning.kernels.compiled import Column, Matrix
from engine.learning.members.member import Lesson, Member
from engine.learning.members.roster import recipe
from engine.training.folds import Fold
from engine.training.material import Material
from engine.training.spec import TrainingCancelled, TrainingSpec

FINAL = -1
"""Fold number of the fit on everything."""

Progress = Callable[[float, str], None]
Cancelled = Callable[[], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One member to be fitted on the rows of one fold."""

    fold: int
    member: str
    rows: NDArray[np.int64]
    seed: int
    overlap: int

    @property
    def cost(self) -> float:
        """Roughly proportional to its time."""
        return recipe(self.member).cost * len(self.rows)


def tasks(folds: Sequence[Fold], rows: NDArray[np.int64], spec: TrainingSpec) -> list[Task]:
    """All fits, dearest first, so that the last ones to finish are short. Seeds depend on names and numbers only."""
    work = [(FINAL, rows), *((k, fold.teach) for k, fold in enumerate(folds))]
    found = [
        Task(fold=k, member=name, rows=teach, seed=_seed(spec.seed, k, i), overlap=spec.horizon)
        for k, teach in work
        for i, name in enumerate(spec.members)
    ]
    return sorted(found, key=lambda task: -task.cost)


def fit_all(
    todo: Sequence[Task], material: Material, *, workers: int, progress: Progress, cancelled: Cancelled
) -> dict[tuple[int, str], Member]:
    """Fitted members by (fold, name). Threads by default; an outer joblib configuration may send them elsewhere.

    When `cancelled` says so no further fit begins, and TrainingCancelled is raised once those in progress have ended.
    """
    total = sum(task.cost for task in todo)
    done, fitted = 0.0, {}
    queue = _Queue(todo, material)
    parallel = joblib.Parallel(
        n_jobs=workers, prefer="threads", return_as="generator_unordered", batch_size=1, pre_dispatch=workers
    )
    with _one_thread_each("blas"):
        for task, member in parallel(queue):
            fitted[task.fold, task.member] = member
            done += task.cost
            where = "on all rows" if task.fold == FINAL else f"on fold {task.fold + 1}"
            share = min(1.0, done / total)  # added up in another order, the whole may come out a hair above itself
            progress(share, f"{task.member} {where} fitted ({len(fitted)} of {len(todo)})")
            if not queue.stopped:
                queue.stopped = cancelled()
    if queue.stopped:
        raise TrainingCancelled("training was cancelled; nothing was kept")
    return fitted


class _Queue:
    """Tasks with their rows, cut out as they are asked for, until `stopped`."""

    def __init__(self, todo: Sequence[Task], material: Material) -> None:
        self.stopped = False
        self._todo = todo
        self._material = material

    def __iter__(self) -> Iterator[object]:
        for task in self._todo:
            if self.stopped:
                return
            yield joblib.delayed(_fit_one)(task, *_rows(self._material, task.rows))


def _rows(material: Material, rows: NDArray[np.int64]) -> tuple[Matrix, Column, Column]:
    return material.x[rows], material.up[rows], material.weights(rows)


def _fit_one(task: Task, x: Matrix, up: Column, weight: Column) -> tuple[Task, Member]:
    if up.min() == up.max():
        raise ModelError("prices moved one way only in the rows to learn from; there is nothing to tell apart")
    with _one_thread_each("openmp"):
        lesson = Lesson(x=np.ascontiguousarray(x), y=up, weight=weight, seed=task.seed, overlap=task.overlap)
        return task, recipe(task.member).fit(lesson)


@contextmanager
def _one_thread_each(api: str) -> Iterator[None]:
    """The same sums whatever the number of cores. BLAS is limited once for the process, OpenMP in each thread."""
    with _pools().limit(limits=1, user_api=api):
        yield


@cache
def _pools() -> ThreadpoolController:
    """The libraries that bring threads of their own, looked for once a process: when the last of them is loaded."""
    import sklearn.ensemble  # noqa: F401  # loads them all; only training pays for this import

    return ThreadpoolController()


def _seed(seed: int, fold: int, member: int) -> int:
    return int(np.random.SeedSequence([seed, fold + 1, member]).generate_state(1)[0])
