"""Approved answers for the same question."""

import pytest
from rag_service.domain.answering.approved import ApprovedCandidate, find_same_question

from .passages import uuid


def approved(question: str, cosine: float | None = 0.95, name: str = "a") -> ApprovedCandidate:
    return ApprovedCandidate(uuid(name), question, ("Restart it.",), cosine)


@pytest.mark.parametrize(
    ("asked", "known"),
    [
        ("How do I reset the VPN?", "How can I reset the VPN"),
        ("my vpn is broken", "My VPN is broken!"),
        ("Update to version 2.50", "update to version 2.5"),
    ],
)
def test_the_same_question_finds_its_answer(asked: str, known: str) -> None:
    assert find_same_question(asked, [approved(known)]) == approved(known)


@pytest.mark.parametrize(
    ("asked", "known"),
    [
        ("How do I update to version 3?", "How do I update to version 2?"),
        ("Sign in without a password", "Sign in with a password"),
        ("How do I reset it in Berlin?", "How do I reset it in Paris?"),
        ("How do I reset the S3 bucket?", "How do I reset the bucket?"),
    ],
)
def test_near_is_not_the_same(asked: str, known: str) -> None:
    assert find_same_question(asked, [approved(known, 0.99)]) is None


def test_the_nearest_of_those_that_are_near_enough_wins() -> None:
    near, nearest, far = approved("reset vpn", 0.91, "a"), approved("vpn reset", 0.97, "b"), approved("vpn", 0.5, "c")
    assert find_same_question("reset vpn", [near, nearest, far]) == nearest
    assert find_same_question("reset vpn", [far]) is None


def test_without_an_encoder_nearly_all_words_must_be_the_same() -> None:
    assert find_same_question("How do I reset the VPN?", [approved("reset VPN", None)])
    assert find_same_question("How do I reset the VPN?", [approved("reset VPN router", None)]) is None


def test_an_answer_without_steps_is_none() -> None:
    assert find_same_question("reset vpn", [ApprovedCandidate(uuid("a"), "reset vpn", (), 1.0)]) is None
