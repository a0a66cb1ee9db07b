"""A short form of the long run (`make fuzz`): each role asks each operation, with a good and a bad request."""

from collections.abc import Iterator

import pytest

from tests.fuzz.cases import fuzz, operations_of
from tests.fuzz.run import tell
from tests.fuzz.system import ROLES, callers, guarded_stack
from tests.stack import Stack

SEED = 20_261_130


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """A system whose gateway asks for tokens."""
    with guarded_stack() as running:
        yield running


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_no_role_gets_an_answer_that_is_an_error_undocumented_or_meant_for_others(stack: Stack) -> None:
    operations = operations_of(stack.url)
    assert len(operations) > 100
    outcomes = fuzz(callers(stack), operations, cases=1, start=SEED)
    assert [outcome.role for outcome in outcomes] == list(ROLES)
    assert not any(outcome.findings for outcome in outcomes), tell(outcomes)
    assert all(outcome.cases > len(operations) for outcome in outcomes)
    # Where nobody may do anything, or everything is refused as bad, nothing was tried.
    assert all(outcome.statuses[200] for outcome in outcomes)
    assert outcomes[-1].statuses[401] > outcomes[-1].cases / 2
