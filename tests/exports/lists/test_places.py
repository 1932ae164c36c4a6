"""How many exports at a time, and what one leaves behind."""

import os
from datetime import timedelta

from hotline.exports import download
from hotline.exports.slots import AT_ONCE, slots
from models import Role
from tests.exports.lists.house import english, taken
from tests.makers import make_user


def test_one_export_a_person_at_a_time(house, sign_in):
    client, form = sign_in(house.operator), {"format": "csv"}
    slots.take(house.operator.id)  # in another tab
    assert client.post("/tickets/export", data=form).status_code == 429
    other = sign_in(make_user(Role.OPERATOR)).post("/tickets/export", data=form, buffered=True)
    assert other.status_code == 200
    slots.give_back(house.operator.id)
    assert client.post("/tickets/export", data=form, buffered=True).status_code == 200


def test_few_in_all(house, sign_in):
    for stranger in range(1000, 1000 + AT_ONCE):
        slots.take(stranger)
    refused = sign_in(house.operator).post("/tickets/export", data={"format": "csv"})
    assert refused.status_code == 429
    for stranger in range(1000, 1000 + AT_ONCE):
        slots.give_back(stranger)


def test_a_failed_export_gives_its_place_back(house, sign_in, monkeypatch):
    client = sign_in(house.operator)

    def broken(*_args, **_more):
        raise OSError("no space left")

    monkeypatch.setattr(download, "xlsx_file", broken)
    assert client.post("/tickets/export", data={"format": "xlsx"}).status_code == 500
    assert client.post("/tickets/export", data={"format": "csv"}, buffered=True).status_code == 200


def test_what_a_killed_process_left_behind_goes_with_the_next_export(house, app, sign_in):
    folder = app.config["DATA_DIR"] / "exports"
    old, young = folder / "export-old", folder / "export-young"
    for draft, age in ((old, 13), (young, 1)):
        draft.mkdir(parents=True)
        (draft / "rows").write_text("王建国", encoding="utf-8")
        at = (house.clock.time - timedelta(hours=age)).timestamp()
        os.utime(draft, (at, at))
    taken(sign_in(english(house.operator)), "/tickets/export")
    assert list(folder.iterdir()) == [young]
