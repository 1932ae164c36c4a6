"""The scripts a stranger types: what can be tried without waiting for a download."""

import os
import shutil
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHELL = b"#!/bin/sh"
COMMANDS = [p for p in (ROOT / "scripts").iterdir() if p.is_file() and p.suffix != ".py"]
COMMANDS = sorted([*COMMANDS, ROOT / ".ci" / "run"])
SECRET = "k" * 32


def run(*command, cwd=ROOT, **env):
    return subprocess.run(
        command, cwd=cwd, env={"PATH": os.environ["PATH"], **env}, capture_output=True, text=True
    )


@pytest.fixture
def copy(tmp_path):
    """A copy of the scripts in an empty folder."""
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS, ids=lambda path: path.name)
def test_every_command_can_be_run_and_is_plain_shell(command):
    assert os.access(command, os.X_OK)
    if command.read_bytes().startswith(SHELL):
        assert run("sh", "-n", str(command)).stderr == ""


def test_the_secret_is_written_once_and_for_the_owner_only(copy):
    assert "Wrote" in run("scripts/secret", cwd=copy).stdout
    env = copy / ".env"
    first = env.read_text()

    assert run("scripts/secret", cwd=copy).stdout == ""
    assert env.read_text() == first
    assert stat.S_IMODE(env.stat().st_mode) == 0o600
    name, key = first.strip().split("=")
    assert (name, len(bytes.fromhex(key))) == ("SECRET_KEY", 32)


def test_two_installations_have_two_secrets(copy, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    shutil.copytree(ROOT / "scripts", other / "scripts")
    run("scripts/secret", cwd=copy)
    run("scripts/secret", cwd=other)
    assert (copy / ".env").read_text() != (other / ".env").read_text()


def test_other_settings_in_the_file_stay(copy):
    (copy / ".env").write_text("PORT=9000\n")
    run("scripts/secret", cwd=copy)
    first, second = (copy / ".env").read_text().splitlines()
    assert first == "PORT=9000"
    assert second.startswith("SECRET_KEY=")


def test_a_secret_of_the_environment_is_enough(copy):
    assert run("scripts/secret", cwd=copy, SECRET_KEY=SECRET).stdout == ""
    assert not (copy / ".env").exists()


def test_an_old_python_gets_a_sentence(copy):
    programs = copy / "bin"
    programs.mkdir()
    for name in ("sh", "dirname", "cat", "cksum", "grep"):
        (programs / name).symlink_to(shutil.which(name))
    answer = run("scripts/venv", "requirements.txt", cwd=copy, PATH=str(programs))
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr == "Python 3.11 or newer is needed and was not found.\n"


def test_a_python_without_venv_gets_the_command_to_type(copy):
    programs = copy / "bin"
    programs.mkdir()
    python = programs / "python3"
    python.write_text(
        f'#!/bin/sh\ncase "$2" in *ensurepip*) exit 1 ;; esac\nexec {sys.executable} "$@"\n'
    )
    python.chmod(0o755)
    path = f"{programs}:{os.environ['PATH']}"
    answer = run("scripts/venv", "requirements.txt", cwd=copy, PATH=path)
    assert answer.returncode == 1
    assert "apt install python3-venv" in answer.stderr
    assert not (copy / ".venv").exists()


def test_an_unknown_word_gets_the_usage():
    answer = run("scripts/run", "--fast")
    assert answer.returncode == 2
    assert answer.stderr.startswith("Usage:")


def prepare(tmp_path, *arguments, **env):
    """What scripts/run does before it serves, away from the .env of this folder."""
    env = {"SECRET_KEY": SECRET, "DATA_DIR": str(tmp_path / "data"), "PYTHONPATH": str(ROOT), **env}
    return run(sys.executable, "-m", "scripts.prepare", *arguments, cwd=tmp_path, **env)


def test_a_free_port_is_fine_and_the_data_folder_is_the_owners_alone(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as door:
        free = door.getsockname()[1]
    assert prepare(tmp_path, "--empty", PORT=str(free)).returncode == 0
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700


def test_a_busy_port_is_refused_with_a_sentence(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as door:
        busy = door.getsockname()[1]
        answer = prepare(tmp_path, PORT=str(busy))
    assert answer.returncode == 1
    assert answer.stderr.startswith(f"Port {busy} on 127.0.0.1 cannot be used")
    assert f"PORT={busy + 1} scripts/run" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_wrong_setting_is_said_without_a_traceback(tmp_path):
    answer = prepare(tmp_path, SECRET_KEY="short", PORT="x")
    assert answer.returncode == 1
    assert [line.split()[0] for line in answer.stderr.splitlines()[1:]] == ["PORT", "SECRET_KEY"]


def test_what_was_begun_empty_stays_empty(tmp_path):
    begun = prepare(tmp_path, "--empty")
    assert "Set-up code" in begun.stdout
    again = prepare(tmp_path)
    assert again.returncode == 0
    assert "the demo stays out" in again.stdout


def test_the_demo_is_loaded_once_and_its_logins_are_said_every_time(tmp_path):
    first, second = prepare(tmp_path), prepare(tmp_path)
    assert "The demo is loaded." in first.stdout
    assert "nothing changed" in second.stdout
    for answer in (first, second):
        assert "op1" in answer.stdout
