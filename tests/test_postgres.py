"""The PostgreSQL of the tests: there, Chinese, and gone afterwards."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.postgres
ASK = "import os, sys; sys.stdout.write(os.environ['TEST_DATABASE_URL']); sys.exit(3)"


def test_the_server_is_there_and_speaks_chinese(postgres_server):
    with psycopg.connect(postgres_server) as connection:
        assert connection.execute("SELECT '回音'").fetchone() == ("回音",)
        assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)


def test_a_command_gets_a_server_of_ours_and_its_exit_status_is_passed_on(postgres_server):
    environ = {k: v for k, v in os.environ.items() if k != "TEST_DATABASE_URL"}
    command = [sys.executable, "-m", "tests.postgres", sys.executable, "-c", ASK]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True)
    assert done.returncode == 3
    _, folder = done.stdout.split("host=")
    assert not Path(folder).exists()
