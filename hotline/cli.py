"""The commands of `flask`, gathered from the capabilities that own them."""

from click import Command

COMMANDS: tuple[Command, ...] = ()
