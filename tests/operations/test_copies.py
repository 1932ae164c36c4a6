"""A copy is made while others write, is checked before it counts, and comes back row by row."""

import hashlib
import json
import stat
import threading
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from flask import Flask

from hotline.operations import copies
from hotline.telephony import adapter
from hotline.unit_of_work import unit_of_work
from models import Counter, Mark, Recording, RecordingKind, Ticket, TicketStatus, db
from tests.stages import call_of, make_house, put

NUMBER, NAME = "13912345678", "王建国"
SOUND = b"RIFF" + bytes(range(256))


@pytest.fixture
def house(app, clock):
    """A house with a ticket, a call and its recording."""
    ticket = put(make_house(), TicketStatus.ANSWERED, clock(), phone=NUMBER)
    folder = adapter.recordings_folder()
    folder.mkdir(parents=True)
    (folder / "sound.wav").write_bytes(SOUND)
    with unit_of_work():
        db.session.add(
            Recording(
                call_id=call_of(ticket).id,
                recording_ref="RE1",
                kind=RecordingKind.CALL,
                announced_at=clock(),
                fetched_at=clock(),
                file_name="sound.wav",
                content_type="audio/wav",
                sha256=hashlib.sha256(SOUND).hexdigest(),
            )
        )
    return ticket


@pytest.fixture
def flask(app):
    """`flask("backup", …)`: what a command said, and whether it went well."""
    runner = app.test_cli_runner()

    def run(*arguments):
        db.session.rollback()
        done = runner.invoke(args=[*map(str, arguments)])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done

    return run


@pytest.fixture
def copy(house, flask, tmp_path):
    done = flask("backup", tmp_path / "copies")
    assert done.exit_code == 0, done.output
    (made,) = (tmp_path / "copies").iterdir()
    return made


@pytest.fixture
def empty(databases, tmp_path, make_app):
    """Another installation, without a table."""
    folder = tmp_path / "other"
    folder.mkdir()
    place = databases.new(folder)
    app = make_app(SQLALCHEMY_DATABASE_URI=databases.uri(place), DATA_DIR=folder / "var")
    yield app
    if databases.origin != "sqlite":
        with app.app_context():
            db.engine.dispose()
        databases.give_back(place, "")


def elsewhere(app, *arguments):
    """What a command said in another installation: another thread, which has no context yet."""
    said = []

    def run():
        said.append(app.test_cli_runner().invoke(args=[*map(str, arguments), "--lang", "en"]))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return said[0]


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_copy_is_ours_alone_and_says_nothing_of_anybody(copy, flask, tmp_path):
    assert mode(copy.parent) == mode(copy) == mode(copy / "recordings") == 0o700
    files = [path for path in copy.rglob("*") if path.is_file()]
    assert sorted(path.name for path in files)[1:] == ["manifest.json", "sound.wav"]
    assert {mode(path) for path in files} == {0o600}

    said = flask("restore", copy, "--verify", "--lang", "zh").output
    said += (copy / "manifest.json").read_text(encoding="utf-8")
    assert NUMBER not in said
    assert NAME not in said


def test_what_was_copied_is_remembered(copy, clock):
    assert db.session.get_one(Mark, "backup").at == clock()


def test_it_comes_back_row_by_row_into_an_empty_database(copy, house, empty: Flask):
    number = house.number
    done = elsewhere(empty, "restore", copy)
    assert done.exit_code == 0, done.output
    with empty.app_context():
        assert db.session.scalars(sa.select(Ticket.number)).all() == [number]
        assert (adapter.recordings_folder() / "sound.wav").read_bytes() == SOUND
        db.session.remove()
    again = elsewhere(empty, "restore", copy)
    assert again.exit_code == 1
    assert "The database is not empty, and nothing is overwritten." in again.output


def test_of_a_folder_of_copies_the_newest_is_looked_at(copy, flask, clock):
    older = clock()
    clock.advance(days=1)
    assert flask("backup", copy.parent).exit_code == 0
    (copy / "manifest.json").write_text("{}")  # the disk forgot the older one
    said = flask("restore", copy.parent, "--verify")
    assert said.exit_code == 0, said.output
    assert clock().isoformat() in said.output
    assert older.isoformat() not in said.output
    newest = max(copy.parent.glob("huiyin-*Z"))
    (newest / "manifest.json").write_text("{}")
    assert flask("restore", copy.parent, "--verify").exit_code == 1


def test_nothing_in_use_is_overwritten_nor_touched_by_a_check(copy, flask, house):
    (adapter.recordings_folder() / "sound.wav").write_bytes(b"newer")
    assert flask("restore", copy, "--verify").exit_code == 0
    refused = flask("restore", copy, "--lang", "zh")
    assert (refused.exit_code, "数据库不是空的" in refused.output) == (1, True)
    assert (adapter.recordings_folder() / "sound.wav").read_bytes() == b"newer"
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Ticket)) == 1


@contextmanager
def somebody_writing(app: Flask):
    """Somebody who writes all the time; yields how often that was."""
    stop, begun, written = threading.Event(), threading.Event(), [0]

    def write():
        with app.app_context():
            while not stop.is_set():
                with unit_of_work():
                    db.session.get_one(Counter, "n").value += 1
                    db.session.add(Counter(name=f"row {written[0]}", value=written[0]))
                written[0] += 1
                if written[0] > 20:
                    begun.set()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        assert begun.wait(timeout=60)
        yield written
    finally:
        stop.set()
        thread.join()


def test_a_copy_made_while_others_write_is_of_one_moment(app, house, tmp_path, clock, empty):
    with unit_of_work():
        db.session.add(Counter(name="n", value=0))
    with somebody_writing(app) as written:
        before = written[0]
        copy = copies.make(
            tmp_path / "copies", recordings=adapter.recordings_folder(), release="x", at=clock()
        )
        assert written[0] > before  # nobody waited for us
    said = copies.check(copy)

    done = elsewhere(empty, "restore", copy)
    assert done.exit_code == 0, done.output
    with empty.app_context():
        rows = db.session.scalars(sa.select(Counter).where(Counter.name.startswith("row "))).all()
        counted = db.session.get_one(Counter, "n").value
        assert len(rows) == counted == said.tables["counters"].rows - len(_others())
        assert before <= counted <= written[0]
        db.session.remove()


def _others():
    return db.session.scalars(sa.select(Counter.name).where(~Counter.name.startswith("row "))).all()


def change_a_row(copy, engine_name):
    """Let the copy differ from its manifest in one row, and the manifest know of it."""
    told = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    told["tables"]["tickets"]["digest"] = told["tables"]["callers"]["digest"]
    (copy / "manifest.json").write_text(json.dumps(told))


def lose_a_file(copy, engine_name):
    (copy / "recordings" / "sound.wav").unlink()


def flip_a_bit_of_a_sound(copy, engine_name):
    (copy / "recordings" / "sound.wav").write_bytes(SOUND[:-1] + b"\0")


def cut_the_database(copy, engine_name):
    (file,) = copy.glob("database.*")
    file.write_bytes(file.read_bytes()[:-100])


def lose_the_manifest(copy, engine_name):
    (copy / "manifest.json").unlink()


def speak_of_other_migrations(copy, engine_name):
    told = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    (copy / "manifest.json").write_text(json.dumps(told | {"heads": ["9999"]}))


def lead_outside(copy, engine_name):
    told = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    (copy.parent / "sound.wav").write_bytes(SOUND)
    told["files"]["recordings/../../sound.wav"] = told["files"]["recordings/sound.wav"]
    (copy / "manifest.json").write_text(json.dumps(told))


def lead_outside_from_within(copy, engine_name):
    """The file is in the copy; from the folder it is put back to, its name leads elsewhere."""
    told = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    (copy / "sound.wav").write_bytes(SOUND)
    told["files"]["recordings/../sound.wav"] = told["files"]["recordings/sound.wav"]
    (copy / "manifest.json").write_text(json.dumps(told))


def lead_anywhere_by_links(copy, engine_name):
    """Where the folder's name is taken away, an address from the root of the disk is left."""
    told = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    target = copy.parent / "planted"
    for folder in target.parent.parts[1:]:
        (copy / "recordings" / folder).symlink_to(".")
    (copy / "recordings" / "planted").write_bytes(SOUND)
    told["files"][f"recordings/{target}"] = told["files"]["recordings/sound.wav"]
    (copy / "manifest.json").write_text(json.dumps(told))


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        (change_a_row, "tickets"),
        (lose_a_file, "recordings/sound.wav"),
        (flip_a_bit_of_a_sound, "recordings/sound.wav"),
        (cut_the_database, "database."),
        (lose_the_manifest, "manifest"),
        (speak_of_other_migrations, "alembic_version"),
        (lead_outside, "recordings/../../sound.wav"),
        (lead_outside_from_within, "recordings/../sound.wav"),
        (lead_anywhere_by_links, "recordings//"),
    ],
)
def test_a_damaged_copy_is_not_trusted(copy, flask, engine_name, damage, named):
    damage(copy, engine_name)
    refused = flask("restore", copy, "--verify", "--lang", "en")
    assert refused.exit_code == 1
    assert named in refused.output


def test_a_copy_of_a_newer_release_is_not_put_back(copy, empty):
    speak_of_other_migrations(copy, "")
    refused = elsewhere(empty, "restore", copy)
    assert (refused.exit_code, "newer release" in refused.output) == (1, True)


def test_a_copy_that_fails_its_check_is_not_left_behind(house, flask, tmp_path, monkeypatch):
    """Here the copy is not what the snapshot said: it gets no name."""
    true = copies.fingerprints.of_tables

    def said_wrong(connection):
        tables = true(connection)
        return tables | {"tickets": tables["callers"]} if connection.engine is db.engine else tables

    monkeypatch.setattr(copies.fingerprints, "of_tables", said_wrong)
    refused = flask("backup", tmp_path / "copies", "--lang", "en")
    assert (refused.exit_code, "tickets" in refused.output) == (1, True)
    assert list((tmp_path / "copies").iterdir()) == []
    assert db.session.get(Mark, "backup") is None


def test_another_recording_of_the_same_name_is_not_taken_for_ours(copy, empty):
    """Nothing is restored then: the rows would speak of a sound that nobody has."""
    there = empty.config["HUIYIN"].DATA_DIR / "recordings" / "sound.wav"
    there.parent.mkdir(parents=True)
    there.write_bytes(SOUND[::-1])
    refused = elsewhere(empty, "restore", copy)
    assert refused.exit_code != 0
    assert "holds other recordings" in refused.output
    assert there.read_bytes() == SOUND[::-1]
    with empty.app_context():
        assert sa.inspect(db.engine).get_table_names() == []
    there.write_bytes(SOUND)
    assert elsewhere(empty, "restore", copy).exit_code == 0, "the very same one may stay"


def test_a_recording_that_was_damaged_before_is_counted_too(house, flask, tmp_path):
    (adapter.recordings_folder() / "sound.wav").write_bytes(SOUND[:-1])
    done = flask("backup", tmp_path / "copies", "--lang", "en")
    assert done.exit_code == 0
    assert "gone or damaged before: 1" in done.output


def test_a_recording_that_is_gone_is_counted_and_stops_nothing(house, flask, tmp_path):
    (adapter.recordings_folder() / "sound.wav").unlink()
    done = flask("backup", tmp_path / "copies", "--lang", "en")
    assert done.exit_code == 0
    assert "gone or damaged before: 1" in done.output
    (copy,) = (tmp_path / "copies").iterdir()
    assert flask("restore", copy, "--verify").exit_code == 0


def test_a_place_that_cannot_be_written_gets_a_sentence(house, flask, tmp_path):
    (tmp_path / "a file").write_text("")
    refused = flask("backup", tmp_path / "a file" / "below", "--lang", "en")
    assert (refused.exit_code, "Nothing can be written" in refused.output) == (1, True), (
        refused.output
    )


def test_a_database_that_does_not_answer_gets_a_sentence(make_app, tmp_path):
    away = make_app(SQLALCHEMY_DATABASE_URI="postgresql+psycopg://nobody@127.0.0.1:1/none")
    refused = elsewhere(away, "backup", tmp_path / "copies")
    assert refused.exit_code == 1
    assert "does not answer as it should (OperationalError)" in refused.output
    assert list((tmp_path / "copies").iterdir()) == []


def test_without_the_client_programs_of_postgresql_there_is_a_sentence(
    house, flask, tmp_path, engine_name, monkeypatch
):
    if engine_name != "postgresql":
        pytest.skip("SQLite needs no program")
    monkeypatch.setenv("PATH", str(tmp_path))
    refused = flask("backup", tmp_path / "copies", "--lang", "en")
    assert (refused.exit_code, "pg_dump is not on the PATH" in refused.output) == (1, True), (
        refused.output
    )
    assert list((tmp_path / "copies").iterdir()) == []


def test_a_copy_of_one_engine_is_no_copy_of_another(copy, flask, engine_name):
    told = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    (copy / "manifest.json").write_text(json.dumps(told | {"engine": "other"}))
    refused = flask("restore", copy, "--lang", "en")
    assert (refused.exit_code, "DATABASE_URL names " + engine_name in refused.output) == (
        1,
        True,
    ), refused.output
