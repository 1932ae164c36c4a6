"""The timeline knows how to tell everything that can happen to a ticket."""

import re
from pathlib import Path

import pytest

from hotline.tickets.lifecycle import Action
from hotline.tickets.timeline_looks import CALLS, LOOKS
from models import CallResult

ROOT = Path(__file__).parents[2] / "hotline"


@pytest.mark.parametrize("action", Action)
def test_every_action_is_told(action):
    assert action.value in LOOKS


@pytest.mark.parametrize("result", CallResult)
def test_every_end_of_a_call_is_told(result):
    assert result in CALLS


def test_every_fact_that_somebody_writes_is_told():
    written = set()
    for path in ROOT.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        written |= set(re.findall(r"note_fact\(\s*[\w.]+,\s*\"(\w+)\"", source))
    assert {"promise", "attempt", "raise", "review_due"} <= written
    assert written - {"call"} <= set(LOOKS)
