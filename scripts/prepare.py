"""Make ready to serve, in one process: check settings and port, migrate, fill an empty database.

`python -m scripts.prepare` loads the demo; with `--empty` it prints a set-up code instead.
"""

import os
import socket
import sys

from dotenv import load_dotenv
from flask.cli import ScriptInfo

from app import create_app
from config import Config, ConfigError


def main(arguments: list[str]) -> None:
    load_dotenv(".env")
    config = checked()
    info = ScriptInfo(create_app=lambda: create_app(config))
    app = info.load_app()
    fill = ["create-admin", "--setup-code"] if "--empty" in arguments else ["seed-demo"]
    for command in (["db", "upgrade"], fill):
        app.cli.main(args=command, prog_name="flask", obj=info, standalone_mode=False)


def checked() -> Config:
    """The configuration; ends the program with a sentence when it keeps us from starting."""
    try:
        config = Config.from_env(os.environ)
    except ConfigError as error:
        sys.exit(str(error))
    try:
        config.DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        sys.exit(f"DATA_DIR cannot be made: {error}.")
    try:
        probe(config.HOST, config.PORT)
    except OSError as error:
        sys.exit(
            f"Port {config.PORT} on {config.HOST} cannot be used ({error.strerror}).\n"
            f"Choose another: PORT={config.PORT + 1} scripts/run"
        )
    return config


def probe(host: str, port: int) -> None:
    """Listen on the port for a moment. Raises OSError when another program has it."""
    family, kind, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind) as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(address)
        door.listen()


if __name__ == "__main__":
    main(sys.argv[1:])
