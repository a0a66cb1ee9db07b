"""Files in an object store that speaks S3's protocol."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, BinaryIO, TypeVar
from uuid import UUID

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from service_kit.circuit_breaker import ILL, UNKNOWN, WELL, CircuitBreaker, CircuitOpen, Outcome
from service_kit.http_client import retry_after_seconds

from ticket_service.ports import BlobNotFound, ByteStream, StorageDown
from ticket_service.settings import S3Settings

CHUNK_BYTES = 64 * 1024
CONNECT_SECONDS = 2
READ_SECONDS = 10
MAX_ATTEMPTS = 2
MAX_CONNECTIONS = 32
MISSING = frozenset({"NoSuchKey", "404"})
FAILURES = 5
OPEN_SECONDS = 5.0
MAX_OPEN_SECONDS = 30.0

Result = TypeVar("Result")


class S3:
    """Stores each blob as one object of an existing bucket. The first use creates the client.

    A circuit breaker refuses calls while the store fails: a store that hangs would hold each upload for 24 s.
    """

    def __init__(self, settings: S3Settings, breaker: CircuitBreaker | None = None) -> None:
        self._settings = settings
        self._breaker = breaker or CircuitBreaker(
            failures=FAILURES, open_seconds=OPEN_SECONDS, max_open_seconds=MAX_OPEN_SECONDS
        )
        self._made: Any = None
        self._lock = threading.Lock()

    def check_configured(self) -> None:
        """Do nothing: the settings were validated when they were read."""

    def put(self, company_id: int, key: UUID, content: BinaryIO, size: int) -> None:
        """Store content as one object, which becomes visible when the upload is complete."""
        content.seek(0)
        name, bucket = _name(company_id, key), self._settings.bucket
        self._call(lambda: self._client.put_object(Bucket=bucket, Key=name, Body=content, ContentLength=size))

    def open(self, company_id: int, key: UUID) -> ByteStream:
        """Return a stream of stored bytes."""
        return _Stream(self._call(partial(self._get, _name(company_id, key))))

    def remove(self, company_id: int, key: UUID) -> None:
        """Delete an object; S3 accepts a missing one."""
        name, bucket = _name(company_id, key), self._settings.bucket
        self._call(lambda: self._client.delete_object(Bucket=bucket, Key=name))

    def remove_company(self, company_id: int) -> None:
        """Delete all objects of a company, a page of names at a time."""
        names = {"Bucket": self._settings.bucket, "Prefix": _prefix(company_id)}
        while found := self._call(lambda: self._client.list_objects_v2(**names)).get("Contents"):
            for each in found:
                self._call(partial(self._client.delete_object, Bucket=self._settings.bucket, Key=each["Key"]))

    def _call(self, ask: Callable[[], Result]) -> Result:
        with _as_down():
            return self._breaker.call(ask, outcome_of=_outcome)

    def _get(self, name: str) -> Any:
        try:
            return self._client.get_object(Bucket=self._settings.bucket, Key=name)["Body"]
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in MISSING:
                raise BlobNotFound from None
            raise

    @property
    def _client(self) -> Any:
        with self._lock:
            if self._made is None:
                self._made = _client(self._settings)
            return self._made


class _Stream:
    def __init__(self, body: Any) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        # Without the breaker: the response has begun, and a slow reader is no failure of the store.
        with _as_down():
            yield from self._body.iter_chunks(CHUNK_BYTES)

    def close(self) -> None:
        """Release the connection."""
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
            retries={"total_max_attempts": MAX_ATTEMPTS, "mode": "standard"},
            max_pool_connections=MAX_CONNECTIONS,
            s3={"addressing_style": "path" if settings.path_style else "virtual"},
            # Other S3 stores don't support optional checksums.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


def _name(company_id: int, key: UUID) -> str:
    return f"{_prefix(company_id)}{key}"


def _prefix(company_id: int) -> str:
    return f"{int(company_id)}/"


def _outcome(error: Exception) -> Outcome:
    if isinstance(error, BlobNotFound):
        return WELL
    if isinstance(error, ClientError):
        answer = error.response.get("ResponseMetadata", {})
        if answer.get("HTTPStatusCode", 500) >= 500:
            return Outcome("ill", retry_after_seconds(answer.get("HTTPHeaders", {}).get("retry-after")))
        # A refused call shows that the store is available.
        return WELL
    return ILL if isinstance(error, (BotoCoreError, HTTPClientError, OSError)) else UNKNOWN


@contextmanager
def _as_down() -> Iterator[None]:
    try:
        yield
    except CircuitOpen as error:
        raise StorageDown(f"The store of files can't be used at the moment ({error}).") from error
    except (ClientError, BotoCoreError, HTTPClientError, OSError) as error:
        code = error.response.get("Error", {}).get("Code", "") if isinstance(error, ClientError) else ""
        why = code or type(error).__name__
        raise StorageDown(f"The store of files can't be used at the moment ({why}).") from error
