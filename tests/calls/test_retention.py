"""Recordings are kept as long as the policy of their kind says, and not a day longer."""

import pytest

from hotline.calls import recordings
from hotline.calls.jobs import remove_old_recordings
from hotline.sla import policies
from hotline.telephony import adapter
from hotline.unit_of_work import unit_of_work
from models import AuditEvent, Call, Recording, RecordingKind, TicketStatus, db
from tests import stages

VOICEMAIL, CALL = RecordingKind.VOICEMAIL, RecordingKind.CALL


@pytest.fixture
def house(app):
    return stages.make_house()


def recorded(house, clock, kind, status=TicketStatus.CLOSED):
    """A sound of a call on our disk; the provider's copy is gone."""
    phone = f"1391234567{0 if kind is CALL else 1}"
    call = stages.call_of(stages.put(house, status, clock(), phone))
    copy = recordings.store(adapter.recordings_folder(), b"sound", "audio/wav")
    with unit_of_work():
        sound = Recording(
            call=db.session.get_one(Call, call.id),
            recording_ref=f"RE{call.id:032d}",
            kind=kind,
            announced_at=clock(),
            duration_seconds=6,
        )
        db.session.add(sound)
        recordings.keep(sound, copy, at=clock())
        recordings.deleted_at_provider(sound, at=clock())
    return sound


def there(sound):
    db.session.rollback()
    return bool(sound.file_name) and (adapter.recordings_folder() / sound.file_name).exists()


def test_each_kind_has_its_own_time(house, clock):
    admin = house["administrator"]
    with unit_of_work():
        policies.set_value("keep_voicemail_days", 30, actor=admin, at=clock())
        policies.set_value("keep_recording_days", 60, actor=admin, at=clock())
    message = recorded(house, clock, VOICEMAIL)
    talk = recorded(house, clock, CALL)
    clock.advance(days=29)
    assert remove_old_recordings() == 0
    clock.advance(days=2)
    assert remove_old_recordings() == 1
    assert (there(message), there(talk)) == (False, True)
    clock.advance(days=30)
    assert remove_old_recordings() == 1
    assert not there(talk)
    assert remove_old_recordings() == 0
    lines = db.session.scalars(db.select(AuditEvent).where(AuditEvent.kind == "remove_recording"))
    assert [line.actor_id for line in lines] == [None, None]


def test_nothing_of_an_open_ticket_is_removed(house, clock):
    sound = recorded(house, clock, VOICEMAIL, TicketStatus.OPEN)
    clock.advance(days=4000)
    assert remove_old_recordings() == 0
    assert there(sound)


def test_a_file_that_outlived_a_crash_goes_with_the_next_sweep(house, clock):
    sound = recorded(house, clock, VOICEMAIL)
    clock.advance(days=731)
    with unit_of_work():
        recordings.remove(db.session.get_one(Recording, sound.id), at=clock())  # and then a crash
    assert there(sound)
    assert remove_old_recordings() == 1
    assert not there(sound)


def test_what_is_removed_is_not_played(house, clock, sign_in):
    sound = recorded(house, clock, VOICEMAIL)
    browser = sign_in(house["operator"])
    assert browser.get(f"/recordings/{sound.id}", buffered=True).status_code == 200
    clock.advance(days=731)
    remove_old_recordings()
    assert sign_in(house["operator"]).get(f"/recordings/{sound.id}").status_code == 404
