"""The book of confirms, fed with whatever a broker may say."""

from eventbus.bus.port import Outcome, Outgoing
from eventbus.bus.rabbitmq.confirms import Batch, Confirms
from eventbus.event import Message

CONFIRMED, UNROUTABLE, UNCONFIRMED = Outcome.CONFIRMED, Outcome.UNROUTABLE, Outcome.UNCONFIRMED


def sent(book: Confirms, count: int, *, same: bool = False) -> Batch:
    """Publish a batch on paper."""
    batch = Batch([Outgoing(Message(f"id{0 if same else n}", "ticket.created", {}, b"")) for n in range(count)])
    for index, outgoing in enumerate(batch.messages):
        book.sent(batch, index, ("events", "ticket.created", outgoing.message.id))
    return batch


def test_a_multiple_ack_confirms_all_up_to_it() -> None:
    book = Confirms()
    batch = sent(book, 3)
    book.answered(2, multiple=True, accepted=True)
    assert not batch.finished.is_set()
    assert batch.result() == [CONFIRMED, CONFIRMED, UNCONFIRMED]
    book.answered(3, multiple=False, accepted=True)
    assert batch.finished.is_set()
    assert batch.result() == [CONFIRMED] * 3


def test_acks_may_come_in_any_order() -> None:
    book = Confirms()
    batch = sent(book, 3)
    for tag in (3, 1, 2):
        book.answered(tag, multiple=False, accepted=True)
    assert batch.result() == [CONFIRMED] * 3


def test_a_returned_message_stays_unroutable_though_the_broker_confirms_it() -> None:
    book = Confirms()
    batch = sent(book, 2)
    book.returned(("events", "ticket.created", "id1"))
    book.answered(2, multiple=True, accepted=True)
    assert batch.result() == [CONFIRMED, UNROUTABLE]


def test_a_nack_is_no_confirm() -> None:
    book = Confirms()
    batch = sent(book, 2)
    book.answered(2, multiple=True, accepted=False)
    assert batch.finished.is_set()
    assert batch.result() == [UNCONFIRMED, UNCONFIRMED]


def test_a_lost_channel_finishes_what_is_open_and_changes_nothing_else() -> None:
    book = Confirms()
    batch = sent(book, 2)
    book.answered(1, multiple=False, accepted=True)
    book.lost()
    assert batch.finished.is_set()
    assert batch.result() == [CONFIRMED, UNCONFIRMED]


def test_answers_of_an_earlier_batch_do_not_count_for_a_later_one() -> None:
    book = Confirms()
    early, late = sent(book, 2), sent(book, 2)
    book.answered(2, multiple=True, accepted=True)
    assert (early.finished.is_set(), late.finished.is_set()) == (True, False)
    book.answered(99, multiple=False, accepted=True)
    assert late.result() == [UNCONFIRMED, UNCONFIRMED]


def test_the_same_message_twice_in_a_batch_can_come_back_twice() -> None:
    book = Confirms()
    batch = sent(book, 2, same=True)
    for _ in range(2):
        book.returned(("events", "ticket.created", "id0"))
    book.answered(2, multiple=True, accepted=True)
    assert batch.result() == [UNROUTABLE, UNROUTABLE]
