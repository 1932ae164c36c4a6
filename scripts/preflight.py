"""Say in a sentence what would keep the server from starting: settings, folder, port."""

import os
import socket
import sys

from dotenv import load_dotenv

from config import Config, ConfigError


def main() -> None:
    load_dotenv(".env")
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


def probe(host: str, port: int) -> None:
    """Listen on the port for a moment. Raises OSError when another program has it."""
    family, kind, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind) as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(address)
        door.listen()


if __name__ == "__main__":
    main()
