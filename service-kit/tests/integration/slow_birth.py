"""one_service, whose second HTTP process takes long between its fork and the moment it listens to signals."""

import time

import one_service
from service_kit import serve
from service_kit.http import server

SECONDS = 3.0


class SlowlyBorn(server.QuietWorker):
    """Sleeps in what gunicorn does before it installs a process's own signal handlers."""

    def get_thread_pool(self) -> object:
        if self.age > 1:
            time.sleep(SECONDS)
        return super().get_thread_pool()


if __name__ == "__main__":
    server.QuietWorker = SlowlyBorn
    serve.main(one_service)
