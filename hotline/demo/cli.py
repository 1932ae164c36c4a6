"""`flask seed-demo`: the demo, once, and its logins printed."""

from random import Random

import click
from flask import current_app
from flask.cli import with_appcontext

from hotline import clock
from hotline.accounts import passwords
from hotline.demo import hung, service
from hotline.demo.staff import PASSWORD
from hotline.telephony import adapter
from hotline.unit_of_work import unit_of_work


@click.command("seed-demo")
@with_appcontext
def seed_demo() -> None:
    """Load demo data into an empty database; a second run changes nothing."""
    if current_app.config["TELEPHONY"] != "simulator":
        _keep_out()
        return
    now = clock.now()
    password_hash = passwords.hashed(PASSWORD)
    rng = Random(now.toordinal())  # noqa: S311 - texts, not secrets
    with unit_of_work():
        is_new = service.seed(
            now, rng, password_hash=password_hash, sounds=adapter.recordings_folder()
        )
        is_demo = service.is_loaded()
    if not is_demo:
        click.echo("This installation has users of its own, or a set-up code: the demo stays out.")
        return
    click.echo("The demo is loaded." if is_new else "The demo was loaded before: nothing changed.")
    for username, password, role in service.logins():
        click.echo(f"  {username:<15} {password}   {role}")
    click.echo(f"  /wall           {hung.TOKEN}   the screen in the duty room")


def _keep_out() -> None:
    """Beside a real telephone company nothing is loaded, and what was loaded stops the start."""
    if service.is_loaded():
        raise click.ClickException(
            "This database holds the demo, whose passwords everybody knows:"
            " use another one with a real telephone company."
        )
    click.echo("No demo beside a real telephone company.")
