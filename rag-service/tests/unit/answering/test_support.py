"""Does a source support a sentence?"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rag_service.domain.answering.support import check

SOURCE = (
    "VPN handbook\n\nThe VPN profile is renewed every 90 days by the Berlin office. "
    "Open the client and choose Forget this connection. Do not share your code. "
    "See https://vpn.corp.example/help for more."
)


@pytest.mark.parametrize(
    "claim",
    [
        "The VPN profile is renewed every 90 days.",
        "VPN profiles get renewed every ninety (90) days.",
        "To start, open the client and choose “Forget this connection”.",
        "Never share your code.",
        "More is at https://vpn.corp.example/help.",
        "The Berlin office renews the profile.",
    ],
)
def test_the_sources_words_in_any_order_are_supported(claim: str) -> None:
    assert check(claim, [SOURCE]).verdict == "supported"


@pytest.mark.parametrize(
    ("claim", "why"),
    [
        ("The VPN profile is renewed every 30 days.", "number"),
        ("The VPN profile is renewed by the Paris office.", "name"),
        ("The VPN profile is not renewed every 90 days.", "negation"),
        ("Share your code.", "negation"),
        ("More is at https://evil.example/help.", "address"),
        ("Bananas grow in warm countries.", "words"),
        ("", "nothing to check"),
    ],
)
def test_unsupported_claims_are_dropped(claim: str, why: str) -> None:
    judged = check(claim, [SOURCE])
    assert (judged.verdict, judged.why) == ("dropped", why)


def test_without_a_source_nothing_is_supported() -> None:
    assert check("The sky is blue.", []).verdict == "dropped"


def test_a_part_of_a_sentence_is_marked() -> None:
    assert check("The client is opened by friendly colleagues who choose wisely.", [SOURCE]).verdict == "marked"


def test_of_few_words_none_may_be_missing() -> None:
    assert check("Open the guest client.", ["Open the VPN client and wait."]).verdict == "marked"


def test_an_encoder_that_finds_it_near_makes_up_for_other_words() -> None:
    claim = "The profile gets refreshed every 90 days automatically."
    assert check(claim, [SOURCE]).verdict == "marked"
    assert check(claim, [SOURCE], cosine=0.9).verdict == "supported"


def test_an_encoder_never_makes_up_for_a_number() -> None:
    assert check("The VPN profile is renewed every 30 days.", [SOURCE], cosine=0.99).verdict == "dropped"


def test_words_that_are_spread_over_a_page_support_nothing() -> None:
    page = "The red is. The green is. The blue is. The white is. The black is. The brown is. The pink is."
    assert check("Red green blue white black brown pink.", [page]).verdict != "supported"


@settings(deadline=None)
@given(st.text(max_size=200), st.text(max_size=200))
def test_any_two_texts_can_be_compared(claim: str, source: str) -> None:
    assert 0 <= check(claim, [source]).share <= 1
