"""The measurements beside the bare floor run from end to end, and count what they say."""

import re
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from bench import agents, floor, generate
from bench.beside import KEYS, Size, measured
from bench.client import Asked, Connection, Refused
from bench.lines import Line, across
from bench.rounds import WARM
from bench.served import FLOOR, serving, settings_for
from config import Config
from models import Call, Role, Ticket, Webhook, db
from tests.makers import make_user

TICKETS, DAYS, LAST = 300, 9, date(2026, 11, 20)
SMALL = Size(rounds=2, requests=4, calls=3, a_second=5.0, settle=1.0, reminders=10)
LOGGED = 2 * (WARM + SMALL.rounds * SMALL.requests)  # at eight connections, then at one


@pytest.fixture
def filled(app, database_uri) -> str:
    generate.generate(app, database_uri, TICKETS, 7, LAST, days=DAYS)
    return database_uri.replace("postgresql+psycopg", "postgresql")


# A call must ring within the seconds that a caller waits, or nobody sees it: on PostgreSQL, where
# the tests share one small server, that is no matter of the measurement.
MEASURED = {"sqlite": list(KEYS), "postgresql": [key for key in KEYS if key != "pop"]}


def test_every_measurement_runs_and_each_call_is_one_call(filled, app, engine_name):
    keys = MEASURED[engine_name]
    before = [db.session.scalar(sa.select(sa.func.count(m.id))) for m in (Call, Ticket, Webhook)]
    db.session.rollback()
    lines = list(measured(filled, keys, SMALL))
    db.session.rollback()

    assert {line.key.partition("_")[0] for line in lines} == set(keys)
    assert all(line.reached > 0 for line in lines)
    popped = [line.highest for line in lines if line.key == "pop"]
    assert float("inf") not in popped, "a call was never shown to whoever was rung"
    more = LOGGED + SMALL.requests + (SMALL.calls if popped else 0)
    after = [db.session.scalar(sa.select(sa.func.count(m.id))) for m in (Call, Ticket, Webhook)]
    assert after == [count + more for count in before]
    inserted = db.session.scalar(sa.text(f"SELECT count(*) FROM {floor.TABLE}"))
    assert inserted == LOGGED + SMALL.requests  # by the floor, and by the driver alone


def test_the_floor_inserts_what_was_posted_and_lists_what_is_there(filled, tmp_path):
    settings = settings_for(filled, tmp_path)
    bare = floor.create_app(Config.from_env(settings))
    with bare.app_context():
        floor.db.metadata.create_all(floor.db.engine, tables=[floor.FloorCall.__table__])
    with serving(FLOOR, settings, tmp_path / "floor.log") as server:
        line = Connection(server.port)

        def ask(*asked):
            return line.ask(Asked(*asked).on_the_wire(server.port))

        listed = ask("GET", f"/list?before={TICKETS + 1}", {})
        assert listed.count(b"<tr>") == 1 + floor.LIST_ROWS
        assert ask("POST", "/insert", {}, b"CallSid=CA1&From=%2B8613800000000").startswith(b"<?xml")
        with pytest.raises(Refused):
            ask("GET", "/row/0", {})
        line.close()
    floor.let_go(bare, floor.db)
    found = db.session.execute(sa.text(f"SELECT call_ref, number FROM {floor.TABLE}")).one()
    assert tuple(found) == ("CA1", "+8613800000000")


@pytest.mark.parametrize("name", ["TOGETHER", "APART", "AGAIN", "SPREAD_EACH", "APART_EACH"])
def test_a_page_asks_for_its_parts_as_the_script_does(name):
    """What decides how many pages one server bears."""
    script = (Path(__file__).parents[1] / "static/js/parts.js").read_text()
    assert f"const {name} = {getattr(agents, name) * 1000:.0f};" in script


def test_the_table_says_what_is_not_reached():
    kept = Line("queue", "queue page", 2.5, 2.4, 2.6, target=2.9)
    missed = Line("queue", "queue page", 3.0, 2.9, 3.2, target=2.9)
    told = across({1_000: [kept], 1_000_000: [missed]})
    assert "**2.5 ×**" in told
    assert "**3 × ✗**" in told
    assert "| 1.00 × | 1.20 × |" in told


def test_a_page_follows_what_the_workspace_follows(app, sign_in):
    page = sign_in(make_user(Role.OPERATOR)).get("/workspace").text
    followed = {
        url: set(kinds.split())
        for kinds, url in re.findall(r'data-follows="([^"]+)" hx-get="([^"]+)"', page)
    }
    assert followed == agents.PARTS
