"""`flask create-admin`: the first administrator, or the code that makes one in the browser."""

import click
from flask import current_app
from flask.cli import with_appcontext

from hotline import clock
from hotline.accounts import passwords, service, setup_code
from hotline.audit import service as audit
from hotline.error_pages import say
from hotline.errors import Invalid
from hotline.seeds import service as seeds
from hotline.unit_of_work import unit_of_work


@click.command("create-admin")
@click.option("--username", help="The name to sign in with; asked for when missing.")
@click.option("--password", help="At least ten characters; made and printed when missing.")
@click.option("--name", default="", help="What colleagues see; the user name when missing.")
@click.option("--setup-code", "by_code", is_flag=True, help="Print a code for the set-up page.")
@with_appcontext
def create_admin(username: str | None, password: str | None, name: str, by_code: bool) -> None:
    """Make an administrator; nobody has a default password."""
    if by_code:
        _print_setup_code()
        return
    username = username or click.prompt("User name")
    try:
        _make(service.clean_username(username), password, name)
    except Invalid as refusal:
        with current_app.test_request_context():
            raise click.ClickException(say(refusal)) from refusal


def _make(username: str, password: str | None, name: str) -> None:
    at, given = clock.now(), password or passwords.one_time()
    passwords.check(given, username)
    password_hash = passwords.hashed(given)
    with unit_of_work():
        seeds.plant(at)
        user = setup_code.make_administrator(
            username, name, password_hash=password_hash, at=at, is_one_time=password is None
        )
        audit.record("create_user", actor=None, at=at, subject=user.username, by="command")
    click.echo(f"Administrator {username} may sign in at /login.")
    if password is None:
        click.echo(f"One-time password: {given}")


def _print_setup_code() -> None:
    """Print a new code while nobody administers the hotline; say so otherwise."""
    if service.has_administrator():
        click.echo("There is an administrator already: sign in at /login.")
        return
    with unit_of_work():
        seeds.plant(clock.now())
        code = setup_code.issue(at=clock.now())
    address = current_app.config["PUBLIC_BASE_URL"]
    click.echo(f"Set-up code, good for one day: {code}")
    click.echo(f"Make the first administrator with it: {address}/setup")
