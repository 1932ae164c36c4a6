"""The scenarios by their names, with the sizes of their short and long forms."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.torture import backup, disk, failover, gone, lost, reminders, storm, writers
from tests.torture.places import Place, Size
from tests.torture.scene import Outcome

BOTH, ON_SQLITE, ON_POSTGRESQL = ("sqlite", "postgresql"), ("sqlite",), ("postgresql",)


@dataclass(frozen=True)
class Scenario:
    run: Callable[[Place, Size], Outcome]
    short: Size
    long: Size
    engines: tuple[str, ...] = BOTH


SCENARIOS = {
    "storm": Scenario(storm.storm, Size(40, 3), Size(20_000, 500)),
    "rolling": Scenario(storm.rolling, Size(40, 1), Size(4_000, 50)),
    "workers": Scenario(reminders.workers, Size(40, 2), Size(10_000, 200)),
    "asleep": Scenario(reminders.asleep, Size(30, 0), Size(3_000, 0)),
    "gone": Scenario(gone.gone, Size(40, 2), Size(4_000, 20)),
    "backup": Scenario(backup.backup, Size(40, 1), Size(2_000, 10)),
    "failover": Scenario(failover.failover, Size(40, 1), Size(4_000, 10), ON_POSTGRESQL),
    "slow": Scenario(gone.slow, Size(40, 4), Size(1_000, 40), ON_POSTGRESQL),
    "disk-full": Scenario(disk.disk_full, Size(40, 2), Size(4_000, 20), ON_SQLITE),
    "lost": Scenario(lost.lost, Size(60, 0), Size(4_000, 0)),
    "writers": Scenario(writers.writers, Size(160, 0), Size(40_000, 0), ON_SQLITE),
}
