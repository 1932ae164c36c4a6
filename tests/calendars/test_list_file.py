"""The official list of a year as a file: read strictly, written as it is read."""

import json
from datetime import date

import pytest

from hotline.calendars import list_file, official
from hotline.calendars.list_file import read, write_csv, write_json
from hotline.calendars.official import OfficialDay
from hotline.errors import Invalid

NEW_YEAR = "2027-01-01,off,元旦"
SHORT = {
    date(2026, 12, 31): OfficialDay(False, "New Year's Day"),
    date(2027, 1, 1): OfficialDay(False, "New Year's Day"),
    date(2027, 2, 14): OfficialDay(True, "Spring Festival"),
}


def csv_of(*lines):
    return "\n".join(("date,kind,name", *lines)).encode()


def json_of(*days, year=2027, **more):
    whole = {"year": year, "days": list(days), **more}
    return json.dumps(whole, ensure_ascii=False, indent=1).encode()


def entry(on="2027-01-01", is_off=True, name="元旦"):
    return {"name": name, "date": on, "isOffDay": is_off}


@pytest.mark.parametrize(
    "data",
    [
        b'{"year": ' + b"9" * 5000 + b', "days": []}',
        b'{"year": 2027, "days": [' + b"9" * 5000 + b"]}",
        b'{"year": 2027, "days": ' + b"[" * 30_000 + b"]" * 30_000 + b"}",
    ],
)
def test_a_number_or_a_nest_without_end_is_refused(data):
    with pytest.raises(Invalid) as refused:
        read(data, 2027)
    assert refused.value.field == "file"


@pytest.mark.parametrize("key", ["date", "name"])
def test_half_a_letter_is_refused_in_words_that_can_be_sent(key):
    odd = json.dumps({**entry(), key: "\ud800"})
    with pytest.raises(Invalid) as refused:
        read(f'{{"year": 2027, "days": [{odd}]}}'.encode(), 2027)
    assert str(refused.value).encode()


def test_csv_is_read_as_people_and_spreadsheets_write_it():
    data = csv_of(" 2027/1/1 , off ,元旦", "", '2026-12-31,休,"元旦"', "2027-02-14,班,春节")
    assert read(b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n"), 2027) == SHORT


def test_json_is_read_as_it_is_passed_around_in_public():
    more = {"$schema": "https://example.org/schema.json", "papers": ["国办发明电"]}
    days = (entry("2026-12-31"), entry(), entry("2027-02-14", False, "春节"))
    assert read(json_of(*days, **more), 2027) == SHORT


def test_a_weekday_that_is_worked_is_like_any_other():
    """So stands 3 February 2020, the first day after the prolonged holiday, in the public file."""
    days = read(json_of(entry("2020-02-02"), entry("2020-02-03", False), year=2020), 2020)
    assert list(days) == [date(2020, 2, 2)]


@pytest.mark.parametrize("year", range(2015, 2028))
def test_what_is_written_is_read_again(year):
    days = official.list_of(year)
    assert len(days) > 20
    assert read(write_csv(days).encode(), year) == days
    assert read(write_json(year, days).encode(), year) == days


def test_a_holiday_that_we_have_no_word_for_keeps_its_name():
    days = read(csv_of("2027-03-05,off,抗旱, 救灾".replace(", ", "、")), 2027)
    assert days[date(2027, 3, 5)].holiday == "抗旱、救灾"
    assert "抗旱、救灾" in write_csv(days)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "This file is empty."),
        (b"\xef\xbb\xbf \n", "This file is empty."),
        (b"date,kind,name\n", "This file names no day."),
        (b"x" * (list_file.LARGEST + 1), "This file is too big"),
        (csv_of(NEW_YEAR, "2027-01-02,off,春节").decode().encode("gbk"), "Line 2 is not UTF-8"),
        (b"PK\x03\x04\x14\x00\x08\x00", "The first line must be: date,kind,name"),
        (b"day,kind,name\n2027-01-01,off,x", "The first line must be: date,kind,name"),
        (csv_of(NEW_YEAR, "2027-01-02,off"), "Line 3 needs three values"),
        (csv_of(NEW_YEAR, "2027-01-02,off,元旦,4"), "Line 3 needs three values"),
        (csv_of(NEW_YEAR, "2027-01-02,holiday,元旦"), "Line 3: the kind is off or work, not “hol"),
        (csv_of(NEW_YEAR, "2027-02-30,off,春节"), "Line 3: “2027-02-30” is not a date."),
        (csv_of(NEW_YEAR, "2027-W01-1,off,春节"), "Line 3: “2027-W01-1” is not a date."),
        (csv_of(NEW_YEAR, "２０２７-02-03,off,春节"), "is not a date"),
        (csv_of(NEW_YEAR, ",off,春节"), "Line 3: “” is not a date."),
        (csv_of(NEW_YEAR, "2028-01-01,off,元旦"), "Line 3: 2028-01-01 does not belong to the list"),
        (csv_of("2026-11-30,off,元旦"), "Line 2: 2026-11-30 does not belong to the list of 2027."),
        (csv_of(NEW_YEAR, "2027-1-1,off,元旦"), "Line 3: 2027-1-1 stands there twice."),
        (csv_of("2027-02-10,work,春节"), "This file names no day."),
        (csv_of("2027-02-10,work,春节", "2027-02-10,off,春节"), "2027-02-10 stands there twice."),
        (csv_of(NEW_YEAR, "2027-02-06,off,"), "Line 3 needs the name of the holiday"),
        (csv_of(NEW_YEAR, "2027-02-06,off,=1+1"), "Line 3 needs the name of the holiday"),
        (csv_of(NEW_YEAR, "2027-02-06,off,春\x07节"), "Line 3 needs the name of the holiday"),
        (csv_of(NEW_YEAR, f"2027-02-06,off,{'春' * 65}"), "Line 3: the name is longer than 64"),
        (csv_of(NEW_YEAR, '2027-02-06,off,"春'), "Line 3 cannot be read as CSV."),
        (b'{"year": 2027,\n "days": [}', "Line 2 cannot be read as JSON."),
        (b"[" * 60_000, "cannot be read as JSON."),
        (b"[]", "This file has no list “days”."),
        (b'{"year": 2027, "days": {}}', "This file has no list “days”."),
        (json_of(entry("2026-01-01"), year=2026), "This is the list of 2026, not of 2027."),
        (json_of(entry(), year="2027"), 'This is the list of "2027", not of 2027.'),
        (json_of(), "This file names no day."),
        (json_of(entry(), "2027-01-02"), "an entry has name, date and isOffDay."),
        (json_of(entry(), entry(is_off=1)), "Line 9: an entry has name, date and isOffDay."),
        (json_of(entry(), {"date": "2027-01-02"}), "Line 9: an entry has name, date and isOffDay."),
        (json_of(entry(), entry("2027-01-99")), "Line 9: “2027-01-99” is not a date."),
        (json_of(entry(), entry(name="元旦 {[")), "Line 9: 2027-01-01 stands there twice."),
    ],
)
def test_a_wrong_file_is_refused_with_the_line_and_the_reason(data, sentence):
    with pytest.raises(Invalid) as refusal:
        read(data, 2027)
    assert sentence in str(refusal.value)
    assert refusal.value.field == "file"


def test_the_line_is_found_whatever_else_is_in_the_file():
    text = """{
  "papers": [{"days": ["x"]}], "days_of": [{}, {}],
  "year": 2027,
  "days": [
    {"name": "元旦 \\"{[", "date": "2027-01-01", "isOffDay": true},
    {"name": "春节",
     "date": "2027-13-01", "isOffDay": true}]
}"""
    with pytest.raises(Invalid, match="Line 6: “2027-13-01” is not a date"):
        read(text.encode(), 2027)
