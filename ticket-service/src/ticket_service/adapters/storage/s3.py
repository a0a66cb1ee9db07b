"""Files in an object store that speaks S3's protocol."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO
from uuid import UUID

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from service_kit.calls import Breaker, BreakerOpen, retry_after_seconds

from ticket_service.ports import Bytes, NoSuchBytes, StorageDown
from ticket_service.settings import S3Settings

PIECE_BYTES = 64 * 1024
CONNECT_SECONDS = 2
READ_SECONDS = 10
MOST_TRIES = 2
MOST_CONNECTIONS = 32
MISSING = frozenset({"NoSuchKey", "404"})
FAILURES = 5
OPEN_SECONDS = 5.0
LONGEST_OPEN_SECONDS = 30.0


class S3:
    """Keeps each file as one object of a bucket, which must be there. Makes its client with the first use.

    A circuit breaker refuses calls while the store fails: a store that hangs would hold each upload for 24 s.
    """

    def __init__(self, settings: S3Settings, breaker: Breaker | None = None) -> None:
        self._settings = settings
        self._breaker = breaker or Breaker(
            failures=FAILURES, open_seconds=OPEN_SECONDS, longest_open_seconds=LONGEST_OPEN_SECONDS
        )
        self._made: Any = None
        self._lock = threading.Lock()

    def expect(self) -> None:
        """Return: the settings were looked at when they were read."""

    def put(self, company: int, key: UUID, content: BinaryIO, size: int) -> None:
        """Store content as one object; the store shows nothing before it has all of it."""
        content.seek(0)
        with _failing_as_down(self._breaker):
            self._client.put_object(
                Bucket=self._settings.bucket, Key=_name(company, key), Body=content, ContentLength=size
            )

    def open(self, company: int, key: UUID) -> Bytes:
        """Return stored bytes as they come."""
        with _failing_as_down(self._breaker):
            try:
                answer = self._client.get_object(Bucket=self._settings.bucket, Key=_name(company, key))
            except ClientError as error:
                if error.response.get("Error", {}).get("Code") in MISSING:
                    self._breaker.succeeded()
                    raise NoSuchBytes from None
                raise
        return _Reading(answer["Body"])

    def remove(self, company: int, key: UUID) -> None:
        """Remove an object; the protocol doesn't mind one that isn't there."""
        with _failing_as_down(self._breaker):
            self._client.delete_object(Bucket=self._settings.bucket, Key=_name(company, key))

    @property
    def _client(self) -> Any:
        with self._lock:
            if self._made is None:
                self._made = _client(self._settings)
            return self._made


class _Reading:
    def __init__(self, body: Any) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        # The answer has begun: whether the store may be asked is no question any more, and a slow reader is no failure.
        with _as_down():
            yield from self._body.iter_chunks(PIECE_BYTES)

    def close(self) -> None:
        """Give the connection up."""
        self._body.close()


def _client(settings: S3Settings) -> Any:
    return boto3.session.Session().client(
        "s3",
        endpoint_url=settings.endpoint or None,
        region_name=settings.region,
        aws_access_key_id=settings.access_key,
        aws_secret_access_key=settings.secret_key,
        config=Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"total_max_attempts": MOST_TRIES, "mode": "standard"},
            max_pool_connections=MOST_CONNECTIONS,
            s3={"addressing_style": "path" if settings.path_style else "virtual"},
            # Stores of others know no more than the protocol asks for.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


def _name(company: int, key: UUID) -> str:
    return f"{int(company)}/{key}"


@contextmanager
def _failing_as_down(breaker: Breaker) -> Iterator[None]:
    """Ask the breaker first and report the outcome to it; raise StorageDown for any failure."""
    with _as_down():
        breaker.admit()
        try:
            yield
        except ClientError as error:
            answer = error.response.get("ResponseMetadata", {})
            if answer.get("HTTPStatusCode", 500) >= 500:
                breaker.failed(retry_after_seconds(answer.get("HTTPHeaders", {}).get("retry-after")))
            else:
                # It refuses this call, and so it is there.
                breaker.succeeded()
            raise
        except (BotoCoreError, HTTPClientError, OSError):
            breaker.failed()
            raise
        breaker.succeeded()


@contextmanager
def _as_down() -> Iterator[None]:
    try:
        yield
    except BreakerOpen as error:
        raise StorageDown(f"The store of files can't be used at the moment ({error}).") from error
    except (ClientError, BotoCoreError, HTTPClientError, OSError) as error:
        code = error.response.get("Error", {}).get("Code", "") if isinstance(error, ClientError) else ""
        why = code or type(error).__name__
        raise StorageDown(f"The store of files can't be used at the moment ({why}).") from error
