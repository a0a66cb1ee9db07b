"""gunicorn's own log reaches the process's root logger, in its format and only once."""

import logging

import pytest
from gunicorn.glogging import Logger
from http_server.gunicorn_app import Server
from http_server.limits import Limits


def test_gunicorn_logs_to_the_root_logger(caplog: pytest.LogCaptureFixture) -> None:
    server = Server([], lambda: None, workers=1, threads=1, limits=Limits(), graceful_seconds=1, hooks={})
    root = logging.getLogger()
    before = (root.level, list(root.handlers))
    logger = Logger(server.cfg)
    logger.info("too small")
    logger.warning("worker timeout")
    assert [record.message for record in caplog.records] == ["worker timeout"]
    assert logger.error_log.handlers == []
    assert (root.level, list(root.handlers)) == before
