"""Sounds: copied, checked, played to those who may hear them, and written down."""

import pytest
from sqlalchemy import select

from hotline.calls import jobs, recordings
from hotline.telephony import adapter
from hotline.telephony.provider import Permanent, Retryable, Sound
from hotline.unit_of_work import unit_of_work
from models import AuditEvent, Handoff, HandoffRole, Recording, RecordingKind, Role, db
from tests.makers import make_department, make_user
from tests.telephony.company import sid

SOUND = b"RIFF" + bytes(range(256)) * 8


@pytest.fixture
def recording(ring, clock):
    """A message that waits at the provider."""
    call = ring()
    with unit_of_work():
        waiting = Recording(
            call_id=call.id,
            recording_ref=sid("RE"),
            kind=RecordingKind.VOICEMAIL,
            announced_at=clock(),
            retry_at=clock(),
            duration_seconds=6,
        )
        db.session.add(waiting)
    return waiting


class Shelf:
    """Where the provider keeps its sounds; says what was asked of it."""

    def __init__(self, *answers):
        self.answers, self.deleted = list(answers), []

    def fetch_recording(self, ref):
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def delete_recording(self, ref):
        self.deleted.append(ref)


@pytest.fixture
def shelf(monkeypatch):
    def use(*answers):
        shelf = Shelf(*answers)
        monkeypatch.setattr(adapter, "provider", lambda: shelf)
        return shelf

    return use


def test_a_sound_is_copied_first_and_deleted_after_a_second_look(recording, shelf, clock):
    there = shelf(Sound("audio/x-wav", SOUND))
    assert jobs.fetch_recordings() == 1
    db.session.refresh(recording)
    path = adapter.recordings_folder() / recording.file_name
    assert path.read_bytes() == SOUND
    assert path.stat().st_mode & 0o077 == 0
    assert recording.recording_ref not in recording.file_name
    assert (recording.size_bytes, recording.fetched_at) == (len(SOUND), clock())
    assert there.deleted == []
    assert jobs.fetch_recordings() == 1
    assert there.deleted == [recording.recording_ref]
    assert jobs.fetch_recordings() == 0


@pytest.mark.parametrize(
    "wrong", [Sound("text/html", SOUND), Sound("audio/x-wav", b""), Permanent("none")]
)
def test_what_is_no_sound_is_not_kept_and_not_deleted(recording, shelf, wrong):
    there = shelf(wrong)
    jobs.fetch_recordings()
    db.session.refresh(recording)
    assert (recording.file_name, recording.retry_at, there.deleted) == ("", None, [])
    assert recording.error
    assert not list(adapter.recordings_folder().glob("*"))


def test_a_sound_that_is_not_there_yet_is_asked_for_again_and_again(recording, shelf, clock):
    shelf(Retryable("not yet"), Retryable("not yet"), Sound("audio/mpeg", SOUND))
    jobs.fetch_recordings()
    assert jobs.fetch_recordings() == 0, "not before a pause"
    clock.advance(seconds=15)
    assert jobs.fetch_recordings() == 1
    clock.advance(seconds=15)
    assert jobs.fetch_recordings() == 0, "the second pause is longer"
    clock.advance(seconds=15)
    assert jobs.fetch_recordings() == 1
    db.session.refresh(recording)
    assert recording.file_name.endswith(".mp3")
    assert (recording.fetch_attempts, recording.error) == (0, "")


def test_two_sweeps_do_not_fetch_one_sound_twice(recording, clock):
    with unit_of_work():
        assert recordings.claim(recording.id, at=clock()) is not None
    with unit_of_work():
        assert recordings.claim(recording.id, at=clock()) is None
    clock.advance(minutes=5)
    with unit_of_work():
        assert recordings.claim(recording.id, at=clock()) is not None, "its taker died"


@pytest.fixture
def fetched(recording, shelf):
    shelf(Sound("audio/x-wav", SOUND))
    jobs.fetch_recordings()
    db.session.refresh(recording)
    return recording


def played():
    db.session.rollback()
    found = select(AuditEvent).where(AuditEvent.kind == "play_recording")
    return db.session.scalars(found.order_by(AuditEvent.id)).all()


def test_an_operator_plays_it_and_that_is_written_down(fetched, sign_in, clock):
    operator = make_user(Role.OPERATOR)
    answer = sign_in(operator).get(f"/recordings/{fetched.id}", buffered=True)
    assert (answer.status_code, answer.content_type, answer.data) == (200, "audio/x-wav", SOUND)
    assert "no-store" in answer.headers["Cache-Control"]
    (line,) = played()
    assert (line.actor_id, line.ticket_id, line.at) == (
        operator.id,
        fetched.call.ticket_id,
        clock(),
    )


def test_a_part_of_it_is_a_part_and_is_written_down_as_one(fetched, sign_in):
    browser = sign_in(make_user(Role.OPERATOR))
    answer = browser.get(f"/recordings/{fetched.id}", headers={"Range": "bytes=4-9"}, buffered=True)
    assert (answer.status_code, answer.data) == (206, SOUND[4:10])
    assert [line.data for line in played()] == [{"bytes": f"bytes 4-9/{len(SOUND)}"}]


def test_what_was_not_played_is_not_written_down_whatever_the_browser_asks_for(fetched, sign_in):
    browser = sign_in(make_user(Role.OPERATOR))
    for asked in ("everything", "bytes=0-0;" + "x" * 500, f"bytes={len(SOUND)}-", "bytes=1-2,4-5"):
        answer = browser.get(f"/recordings/{fetched.id}", headers={"Range": asked}, buffered=True)
        assert (answer.status_code, SOUND[4:10] in answer.data) == (416, False)
    assert played() == []


@pytest.mark.parametrize("role", [Role.HANDLER, Role.ADMINISTRATOR, Role.AUDITOR])
def test_who_may_not_see_the_ticket_hears_nothing(fetched, sign_in, role):
    department = make_department("legal") if role is Role.HANDLER else None
    browser = sign_in(make_user(role, department=department))
    assert browser.get(f"/recordings/{fetched.id}", buffered=True).status_code == 404
    assert played() == []


def test_nobody_hears_what_is_not_there(recording, sign_in, client):
    browser = sign_in(make_user(Role.OPERATOR))
    assert browser.get(f"/recordings/{recording.id}").status_code == 404
    assert browser.get("/recordings/4711").status_code == 404
    assert played() == []


def test_a_stranger_is_sent_to_the_door(fetched, client):
    assert client.get(f"/recordings/{fetched.id}", buffered=True).status_code == 303


def test_a_confidential_voice_is_kept_from_the_department(fetched, sign_in, clock):
    legal = make_department("legal")
    handler = make_user(Role.HANDLER, department=legal)
    with unit_of_work():
        assisting = Handoff(
            ticket_id=fetched.call.ticket_id,
            department_id=legal.id,
            role=HandoffRole.ASSIST,
            handed_off_at=clock(),
            accept_due_at=clock(),
            limit_amount=5,
            limit_unit="working_days",
            handle_due_at=clock(),
            due_at=clock(),
        )
        db.session.add(assisting)
    browser = sign_in(handler)
    assert browser.get(f"/recordings/{fetched.id}", buffered=True).status_code == 200
    with unit_of_work():
        fetched.call.ticket.is_confidential = True
    assert browser.get(f"/recordings/{fetched.id}", buffered=True).status_code == 404
    assert len(played()) == 1
