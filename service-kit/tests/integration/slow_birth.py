"""one_service, whose second HTTP process takes long between its fork and the moment it listens to signals."""

import time

import one_service
from http_server import gunicorn_app
from service_kit import serve

SECONDS = 3.0


class SlowlyBorn(gunicorn_app.EventLoopWorker):
    """Sleeps before it installs its process's own signal handlers."""

    def init_signals(self) -> None:
        if self.age > 1:
            time.sleep(SECONDS)
        super().init_signals()


if __name__ == "__main__":
    gunicorn_app.EventLoopWorker = SlowlyBorn
    serve.main(one_service)
