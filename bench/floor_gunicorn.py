"""How gunicorn serves the bare floor: the worker and the threads of gunicorn.conf.py."""

import os

from config import Config

settings = Config.from_env(os.environ)

bind = f"{settings.HOST}:{settings.PORT}"
worker_class = "hotline.half_requests.PatientWorker"
threads = settings.THREADS
graceful_timeout = 10
control_socket_disable = True
loglevel = settings.LOG_LEVEL.lower()
wsgi_app = "bench.floor_gunicorn:floor()"


def floor() -> object:
    """The application, made in the process that serves it."""
    from bench.floor import create_app

    return create_app(settings)
