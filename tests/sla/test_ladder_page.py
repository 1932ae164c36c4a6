"""docs/escalation.md shows the ladder of hotline.sla.ladder, row by row."""

from pathlib import Path

from hotline.sla.ladder import AT_HOTLINE, LADDER, WAYS

PAGE = Path(__file__).parents[2] / "docs" / "escalation.md"


def drawn(step):
    way = WAYS.get(step.clock, AT_HOTLINE)
    usual, critical = (
        ", ".join(rung.value for rung in way if rung in whom)
        for whom in (step.rungs, step.critical)
    )
    return f"| {step.clock} | {step.stage} | {usual} | {critical} | {step.hours} |"


def test_the_page_shows_every_step_and_no_other():
    clocks = {step.clock.value for step in LADDER}
    rows = [
        line
        for line in PAGE.read_text(encoding="utf-8").splitlines()
        if line.startswith("| ") and line.split("|")[1].strip() in clocks
    ]
    assert rows == [drawn(step) for step in LADDER]
