"""What gunicorn itself has to say: requests it cannot read, errors nobody caught."""

from typing import Any

from gunicorn.glogging import Logger

from hotline import logs


class ServerLog(Logger):  # type: ignore[misc]
    """Its lines as we write ours: an address that somebody asked for holds numbers, too."""

    def setup(self, cfg: Any) -> None:
        """Called at the start and whenever the settings are read anew."""
        super().setup(cfg)
        for handler in self.error_log.handlers + self.access_log.handlers:
            handler.setFormatter(logs.for_libraries())
