"""Counts that several gateways share, in one Redis or Valkey server."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from api_gateway.rate_limits.windows import Hit, Standing, standing

PREFIX = "smart-ticket:rate:"
SCRIPT = """
-- KEYS: the counters. ARGV: limit and seconds of each. The server's clock counts, so those of the gateways may differ.
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1e6
local answers = {}
for place, key in ipairs(KEYS) do
    local limit, seconds = tonumber(ARGV[2 * place - 1]), tonumber(ARGV[2 * place])
    local window = math.floor(now / seconds)
    local passed = now / seconds - window
    local kept = redis.call('HMGET', key, 'window', 'former', 'current')
    local number, former, current = tonumber(kept[1]) or window, tonumber(kept[2]) or 0, tonumber(kept[3]) or 0
    if number ~= window then
        former = window == number + 1 and current or 0
        current = 0
    end
    local admitted = math.floor(former * (1 - passed)) + current < limit
    if admitted then
        current = current + 1
        redis.call('HSET', key, 'window', window, 'former', former, 'current', current)
        redis.call('EXPIRE', key, 2 * seconds)
    end
    answers[place] = {admitted and 1 or 0, former, current, math.floor(passed * 1e6)}
    if not admitted then break end
end
return answers
"""


class RedisCounts:
    """Counts the hits of a request in one round trip."""

    def __init__(self, url: str, *, seconds: float, connections: int) -> None:
        """`seconds` is the deadline of connecting and of an answer. Connects to nothing yet; raises ValueError for a
        bad `url`.
        """
        # Imported only where a store is set.
        redis = import_module("redis")
        retry = import_module("redis.retry").Retry(import_module("redis.backoff").NoBackoff(), 0)
        self.errors: tuple[type[Exception], ...] = (redis.RedisError, OSError)
        self._client = redis.Redis.from_url(
            url,
            socket_timeout=seconds,
            socket_connect_timeout=seconds,
            max_connections=connections,
            retry=retry,
            protocol=2,  # one exchange less for each new connection
        )
        self._script = self._client.register_script(SCRIPT)

    def hit(self, hits: Sequence[Hit]) -> list[Standing]:
        """Count as MemoryCounts does; raises one of `errors` where the server doesn't answer in time."""
        keys = [PREFIX + hit.key for hit in hits]
        arguments = [number for hit in hits for number in (hit.limit, hit.seconds)]
        answers: list[Any] = self._script(keys=keys, args=arguments)
        return [
            standing(hit, admitted == 1, former, current, millionths / 1e6)
            for hit, (admitted, former, current, millionths) in zip(hits, answers, strict=False)
        ]

    def close(self) -> None:
        """Close the connections."""
        self._client.close()
