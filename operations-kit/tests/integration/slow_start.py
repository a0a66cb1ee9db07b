"""one_service with a second HTTP process that installs its signal handlers late."""

import time

from http_server import gunicorn_app
from one_service import SERVICE
from service_kit import serve

SECONDS = 3.0


class SlowWorker(gunicorn_app.EventLoopWorker):
    """Sleeps before it installs its signal handlers."""

    def init_signals(self) -> None:
        if self.age > 1:
            time.sleep(SECONDS)
        super().init_signals()


if __name__ == "__main__":
    gunicorn_app.EventLoopWorker = SlowWorker
    serve.main(SERVICE)
