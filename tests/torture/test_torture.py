"""The short form of every scenario: some calls, some faults, and nothing is lost.

The long forms are `python -m tests.torture NAME`; docs/reliability.md tells what they came to.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.postgres import NoPostgres
from tests.torture import conservation
from tests.torture.__main__ import SKIPPED
from tests.torture.places import Place, new_place
from tests.torture.scenarios import SCENARIOS

ROOT = Path(__file__).parents[2]
WITH_A_SERVER_OF_ITS_OWN = {"backup", "gone", "slow"}
BY_COMMAND = {"disk-full"}


@pytest.fixture
def place(request, database_uri, tmp_path, engine_name):
    """Where a scenario runs; those that stop the server of PostgreSQL bring their own."""
    name = request.node.callspec.params["name"]
    if engine_name not in SCENARIOS[name].engines:
        pytest.skip(f"{name} is not for {engine_name}")
    if name not in WITH_A_SERVER_OF_ITS_OWN or engine_name == "sqlite":
        yield Place(tmp_path, database_uri)
        return
    try:
        with new_place(tmp_path, engine_name) as own:
            yield own
    except NoPostgres as none:
        pytest.skip(str(none))


@pytest.mark.parametrize("name", sorted(set(SCENARIOS) - BY_COMMAND))
def test_nothing_is_lost(name, place):
    scenario = SCENARIOS[name]
    try:
        outcome = scenario.run(place, scenario.short)
    except NoPostgres as none:  # two servers of it need its programs
        pytest.skip(str(none))
    assert not outcome.broken, f"\n{outcome}"
    assert any(line.asked for line in outcome.table), "something was asked"


def test_nothing_is_lost_when_the_disk_is_full(engine_name):
    if engine_name != "sqlite":
        pytest.skip("the server of PostgreSQL has a disk of its own")
    short = SCENARIOS["disk-full"].short
    command = [sys.executable, "-m", "tests.torture", "disk-full",
               "--calls", str(short.calls), "--kills", str(short.kills)]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode == SKIPPED:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    assert "each caller heard valid TwiML" in done.stdout


@pytest.mark.parametrize(
    ("theirs", "ours", "broken"),
    [
        (["a", "b"], ["b", "a"], ()),
        (["a", "b"], ["a"], ("missing b",)),
        (["a"], ["a", "b"], ("too many b",)),
        (["a"], ["a", "a"], ("too many a",)),
    ],
)
def test_the_check_sees_what_is_missing_and_what_is_too_much(theirs, ours, broken):
    assert conservation.same("each once", theirs, ours).broken == broken
