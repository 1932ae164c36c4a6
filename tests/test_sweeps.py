"""Many rows in one transaction, and where that fails each alone: a bad one stops no other."""

from collections.abc import Sequence

import pytest

from hotline.sweeps import in_portions
from models import Counter, db


def write(numbers: Sequence[int]) -> int:
    """Write each of `numbers`; 3 is not due any more, and 2 cannot be written."""
    due = [number for number in numbers if number != 3]
    for number in due:
        db.session.add(Counter(name=f"row {number}", value=number))
        db.session.flush()
        if number == 2:
            raise ZeroDivisionError
    return len(due)


def kept() -> list[int]:
    return list(db.session.scalars(db.select(Counter.value).order_by(Counter.value)))


def test_a_portion_is_one_transaction_and_all_are_counted(app, monkeypatch):
    portions = []

    def act(numbers: Sequence[int]) -> int:
        portions.append(list(numbers))
        return len(numbers)

    assert in_portions(range(10, 17), act, size=3) == 7
    assert portions == [[10, 11, 12], [13, 14, 15], [16]]


def test_a_bad_row_costs_its_portion_one_more_try_and_no_other_row(app, capsys):
    assert in_portions([1, 2, 3, 4, 5, 6], write, size=4) == 4
    assert kept() == [1, 4, 5, 6], "what the portion had written was rolled back first"
    said = "".join(capsys.readouterr())
    assert "a portion is done row by row" in said
    assert '"row": 2' in said


@pytest.mark.parametrize("ids", [[], [7]])
def test_nothing_and_one_are_portions_too(app, ids):
    assert in_portions(ids, len) == len(ids)
