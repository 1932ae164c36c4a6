"""Hooks of pytest: what knows nothing of the engine is the same on both, and runs on SQLite only.

All that differs between the engines comes from the fixture `engine_name`; a test that asks for it
neither itself nor through another fixture cannot tell on which one it runs. The run on PostgreSQL
leaves such tests out and says how many there were.
"""

from typing import Any

import pytest

LEFT_OUT = pytest.StashKey[int]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what the run on SQLite has shown."""
    if config.getoption("--engine") == "sqlite":
        return
    same = [item for item in items if not _asks_for_the_engine(item)]
    items[:] = filter(_asks_for_the_engine, items)
    config.hook.pytest_deselected(items=same)
    config.stash[LEFT_OUT] = len(same)


def _asks_for_the_engine(item: pytest.Item) -> bool:
    return "engine_name" in getattr(item, "fixturenames", ())


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tell the process that reports; to have nothing left to run is no failure."""
    config = session.config
    if LEFT_OUT in config.stash and hasattr(config, "workeroutput"):
        config.workeroutput["left out"] = config.stash[LEFT_OUT]
    if session.exitstatus is pytest.ExitCode.NO_TESTS_COLLECTED and config.stash.get(LEFT_OUT, 0):
        session.exitstatus = pytest.ExitCode.OK


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Every worker of a run collects the same."""
    left_out = getattr(node, "workeroutput", {}).get("left out")
    if left_out is not None:
        node.config.stash[LEFT_OUT] = left_out


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if left_out := config.stash.get(LEFT_OUT, 0):
        terminalreporter.write_line(
            f"{left_out} tests know nothing of the engine: left to the run on SQLite."
        )
