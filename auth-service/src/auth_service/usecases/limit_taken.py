"""Limit of how many addresses a caller learns that they have an account in another company."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from auth_service.domain.guard import GuardKeys
from auth_service.domain.user import EmailTaken
from auth_service.usecases.guard_tries import Guard, TooManyTries


@dataclass(frozen=True)
class TakenAddresses:
    """Counts the refusals of addresses that have an account elsewhere; refusals about the own company count nothing."""

    guard: Guard
    guard_keys: GuardKeys

    @contextmanager
    def limited(self, address: str, company_id: int | None = None) -> Iterator[None]:
        """Count the block if it raises EmailTaken about another company, for the caller's network and company.

        `address` is the caller's network address. Raises TooManyTries without running the block, and HashingBusy.
        """
        counters = self.guard_keys.of_taken_address(address, company_id)
        decision = self.guard.count(counters)
        if not decision.admitted:
            raise TooManyTries(decision.retry_after_seconds)
        try:
            yield
        except EmailTaken as error:
            if error.is_elsewhere:
                self.guard.fail(counters)
            else:
                self.guard.take_back(counters)
            raise
        except BaseException:
            self.guard.take_back(counters)
            raise
        self.guard.take_back(counters)
