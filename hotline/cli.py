"""The commands of `flask`, gathered from the capabilities that own them."""

from click import Command

from hotline.accounts.cli import create_admin
from hotline.demo.cli import seed_demo
from hotline.operations.cli import backup, restore
from hotline.operations.doctor_cli import doctor
from hotline.scheduler import tick
from hotline.telephony.cli import simulate_call_command
from hotline.worker import worker

COMMANDS: tuple[Command, ...] = (
    *(create_admin, seed_demo, simulate_call_command, tick, worker),
    *(backup, restore, doctor),
)
