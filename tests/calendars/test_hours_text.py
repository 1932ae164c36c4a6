"""Hours as people type them."""

import pytest

from hotline.calendars import hours_text
from hotline.errors import Invalid


@pytest.mark.parametrize(
    ("typed", "intervals"),
    [
        ("", ()),
        ("  ", ()),
        ("08:30-12:00, 13:30-17:30", ((510, 720), (810, 1050))),
        ("8:30 - 12:00", ((510, 720),)),
        ("13:30-17:30、8:30-12:00", ((510, 720), (810, 1050))),  # put in order
        ("０８：３０－１２：００，13：30—17：30", ((510, 720), (810, 1050))),
        ("00:00至24:00", ((0, 1440),)),
    ],
)
def test_hours_are_read_as_people_type_them(typed, intervals):
    assert hours_text.parse(typed) == intervals
    assert hours_text.parse(hours_text.write(intervals)) == intervals


@pytest.mark.parametrize(
    "typed", ["nine to five", "9-17", "08:60-12:00", "08:30", "08:30-12:00-13:00"]
)
def test_what_is_no_hours_is_refused(typed):
    with pytest.raises(Invalid) as refusal:
        hours_text.parse(typed, field="mon")
    assert refusal.value.field == "mon"
