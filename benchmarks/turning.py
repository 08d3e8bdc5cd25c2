"""`python -m benchmarks.turning`: fit `text.telling.turning` to the tuning books of `tests/data/scenes`.

A logistic regression with an L2 penalty on standardised clues, by Newton's method. What the analyses' change says
(`text.scenes`) is an offset, so that the clues are weighed beside it. Prints the weights, and how well books are done
that were left out while fitting, one after another: that is what to choose clues by. Held-out books are not read.

The lists of phrases were written by somebody who had seen the tuning books, and would do better there than anywhere
else. So a phrase counts only where another book opens a spread with it, too.
"""

import sys

import numpy as np
from numpy.typing import NDArray

from bookwright.contracts.spreads import SpreadAnalysis
from bookwright.providers.local.composing import Wish
from bookwright.providers.local.telling import compose
from bookwright.text.scenes import LEAVES, change_to
from bookwright.text.spreads import read_analysis
from bookwright.text.telling.turning import TURNS, WEIGHTS, clues, phrases
from tests.support.labelled import LabelledBook, labelled_books, tasks_of
from tests.support.scoring import Boundaries, boundaries

PENALTY = 5.0
MORE_OF_THEM = 0.6
"""Added to the fitted bias: one boundary in four spreads makes a fit hesitate more than the best F1 wants."""
BEFORE = 3
"""Spreads that a spread's change is taken from: the labels are not to tell where its scene begins."""
_ROUNDS = 15
Row = tuple[str, bool, float, list[float]]
"""Of a spread: its book, whether a scene begins, by how much it differs from `LEAVES`, and its clues."""


def rows(book: LabelledBook, analyses: list[SpreadAnalysis], elsewhere: set[tuple[str, str]]) -> list[Row]:
    """Those of a book, without its first spread, with which a scene begins in any case. `elsewhere` are the phrases of
    other books."""
    found = []
    for at, (task, _pages) in enumerate(tasks_of(book)):
        if at:
            seen = clues(task.material["pages"], task.material["before"], book.language)
            for name in set(TURNS) - {
                name for name, _phrase in phrases(task.material["pages"], book.language) & elsewhere
            }:
                seen[name] = 0.0
            change = change_to(analyses[max(0, at - BEFORE) : at], analyses[at]) - LEAVES
            found.append((book.name, book.spreads[at].begins, change, [seen[name] for name in WEIGHTS]))
    return found


def fitted(table: list[Row]) -> NDArray[np.float64]:
    """The weights in the order of `WEIGHTS`, and the bias."""
    begins = np.array([row[1] for row in table], float)
    offset = np.array([row[2] for row in table])
    plain = np.array([row[3] for row in table])
    middle, spread = plain.mean(0), plain.std(0) + 1e-9
    clue = np.c_[(plain - middle) / spread, np.ones(len(plain))]
    penalty = np.diag([PENALTY] * plain.shape[1] + [1e-6])
    weights = np.zeros(clue.shape[1])
    for _ in range(_ROUNDS):
        likely = 1 / (1 + np.exp(-(clue @ weights + offset)))
        curve = (clue * (likely * (1 - likely))[:, None]).T @ clue + penalty
        weights -= np.linalg.solve(curve, clue.T @ (likely - begins) + penalty @ weights)
    raw = weights[:-1] / spread
    return np.append(raw, weights[-1] - raw @ middle + MORE_OF_THEM)


def analysed(book: LabelledBook) -> list[SpreadAnalysis]:
    """By words alone: the model of meaning changes the settings of few spreads, and takes a minute."""
    return [read_analysis(compose(Wish(task.material, None, 0, 0, {})), pages) for task, pages in tasks_of(book)]


def _phrases(book: LabelledBook) -> set[tuple[str, str]]:
    return set().union(*(phrases(task.material["pages"], book.language) for task, _pages in list(tasks_of(book))[1:]))


def main() -> None:
    """Fit, leave each book out in turn, and print both."""
    books = {book.name: book for book in labelled_books("tuning")}
    analyses = {name: analysed(book) for name, book in books.items()}
    said = {name: _phrases(book) for name, book in books.items()}
    table = []
    for name, book in books.items():
        table += rows(book, analyses[name], set().union(*(said[other] for other in said if other != name)))
    total, near = Boundaries(), Boundaries()
    for name, book in books.items():
        weights = fitted([row for row in table if row[0] != name])
        odds = [weights[-1] + np.dot(weights[:-1], row[3]) for row in table if row[0] == name]
        told = [
            one.model_copy(update={"turn": turn})
            for one, turn in zip(analyses[name], [None, *(1 / (1 + np.exp(-odd)) for odd in odds)], strict=True)
        ]
        total += boundaries(book, told)
        near += boundaries(book, told, within=1)
    *whole, bias = fitted(table)
    lines = [f"BIAS = {bias:.2f}", *(f"{name:16} {value:5.2f}" for name, value in zip(WEIGHTS, whole, strict=True))]
    lines.append(f"left out: precision {total.precision:.3f}, recall {total.recall:.3f}, F1 {total.f1:.3f}")
    lines.append(f"one spread off allowed: F1 {near.f1:.3f}")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
