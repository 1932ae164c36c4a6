"""What waits on the disk is taken in, whatever lies beside it."""

import os
import resource
import stat
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from hotline.telephony import adapter, jobs, spool
from hotline.telephony.inbound import Kind
from models import Call, db
from tests.telephony.company import sid


@pytest.fixture
def folder(company, clock):
    """A folder in which one good call waits."""
    fields = {name: [value] for name, value in company.fields(sid()).items()}
    spool.keep(adapter.spool_folder(), Kind.VOICE, fields, at=clock())
    return adapter.spool_folder()


def test_a_power_cut_takes_back_neither_the_form_nor_its_name(app, clock, monkeypatch):
    """The file is on the disk before it has its name, the name before anybody is told."""
    folder, done, sync, rename = adapter.spool_folder(), [], os.fsync, Path.rename

    def note(handle: int) -> None:
        done.append("names" if stat.S_ISDIR(os.fstat(handle).st_mode) else "form")
        sync(handle)

    def name(path: Path, target: Path) -> Path:
        done.append("named")
        return rename(path, target)

    monkeypatch.setattr(os, "fsync", note)
    monkeypatch.setattr(Path, "rename", name)
    spool.keep(folder, Kind.VOICE, {"CallSid": [sid()]}, at=clock())
    assert done == ["form", "named", "names"]
    (kept,) = folder.iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600, "for our eyes only"


def calls():
    return db.session.scalars(select(Call)).all()


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b"\xff", b'{"kind": "nonsense", "form": {}, "received_at": "2026"}']
)
def test_a_file_nobody_can_read_stops_no_other(folder, client, text):
    (folder / "00000000T000000-empty.json").write_bytes(text)
    assert jobs.replay_spooled_webhooks() == 1
    assert len(calls()) == 1
    assert [path.name for path in folder.iterdir()] == ["00000000T000000-empty.json.bad"]
    assert client.get("/readyz").json["webhooks_put_aside"] == 1
    assert jobs.replay_spooled_webhooks() == 0


def written(path, at):
    os.utime(path, (at.timestamp(), at.timestamp()))


def test_what_a_crash_left_whole_is_taken_in_and_half_of_it_is_forgotten(folder, clock):
    (good,) = folder.glob("*.json")
    whole, half = good.rename(folder / "whole.part"), folder / "half.part"
    half.write_bytes(whole.read_bytes()[:20])
    for path in (whole, half):
        written(path, clock() - timedelta(minutes=5))
    assert jobs.replay_spooled_webhooks() == 1
    assert len(calls()) == 1
    assert list(folder.iterdir()) == []  # nobody was told that it is kept


def test_what_is_being_written_now_is_left_alone(folder, clock):
    young = folder / "young.part"
    young.write_bytes(b"{")
    written(young, clock())
    assert jobs.replay_spooled_webhooks() == 1
    assert young.exists()


@contextmanager
def room_for(size):
    """No file of this process may become larger meanwhile."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_what_the_disk_does_not_take_leaves_no_half_file(folder, clock):
    before = sorted(folder.iterdir())
    with room_for(20), pytest.raises(OSError, match="too large"):
        spool.keep(folder, Kind.VOICE, {"CallSid": [sid()]}, at=clock())
    assert sorted(folder.iterdir()) == before
