"""The three rates (三率) and the score: response, solved, satisfied, over callers who were reached.

score = 100 × (0.1 response + 0.5 solved + 0.4 satisfied); a basically satisfied caller counts 0.9.
The weights are settings (hotline.sla.policy_table, "Reports").
"""

from dataclasses import dataclass

from hotline.figures.packing import Line
from hotline.sla import policies

# What it is made of; `_kept` beside them: without what a supervisor excluded (剔除).
PARTS = ("valid", "contacted", "solved", "satisfied", "basically")


@dataclass(frozen=True)
class Score:
    """Shares from 0 to 1 and the score from 0 to 100, over `valid` tickets."""

    valid: int
    response: float
    solved: float
    satisfied: float
    points: float


def score(line: Line, *, kept: bool = False) -> Score | None:
    """The score of a row, or the one without the excluded tickets; None when nobody was reached."""
    valid, contacted, solved, satisfied, basically = (
        line.counts[f"{name}_kept" if kept else name] for name in PARTS
    )
    if not valid:
        return None
    happy = satisfied + basically * policies.get("score_basically") / 100
    response, solution, joy = contacted / valid, solved / valid, happy / valid
    points = (
        policies.get("score_contacted") * response
        + policies.get("score_solved") * solution
        + policies.get("score_satisfied") * joy
    )
    return Score(valid, response, solution, joy, points)
