"""From tickets to a head, on few, many, odd and hostile ones."""

from collections import Counter

import pytest
from ai_service.adapters.local.classifier.calibration import NEVER
from ai_service.adapters.local.classifier.evaluation import evaluate
from ai_service.adapters.local.classifier.examples import Example, LabelInfo, split, unique
from ai_service.adapters.local.classifier.head import Head
from ai_service.adapters.local.classifier.training import TrainingFailed, train
from ai_service.adapters.local.classifier.zero_shot import zero_shot_classifier

from .word_encoder import BEGIN, LABELS, WORDS, WordEncoder, tickets

ENCODER = WordEncoder()


def classify(head: object, text: str) -> object:
    return head.classify([text], ENCODER.embed([text]))[0]  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def head() -> Head:
    return train(split(tickets(300)).learn, LABELS, ENCODER)


def test_it_learns_what_people_decided(head: Head) -> None:
    found = evaluate(head, split(tickets(300)).held_out, ENCODER)
    assert found.accuracy > 0.95
    assert found.accepted > 0.8
    assert found.precision > 0.95


def test_it_doubts_a_text_that_resembles_nothing(head: Head) -> None:
    strange = classify(head, "zebra quartz umbrella violin")
    assert strange.abstention_reason  # type: ignore[attr-defined]
    assert classify(head, "laptop password vpn please help").abstention_reason == ""  # type: ignore[attr-defined]


def test_with_noisy_labels_it_promises_less_and_keeps_the_promise() -> None:
    parts = split(tickets(1_500, noise=0.3))
    noisy = train(parts.learn, LABELS, ENCODER, target_precision=0.85)
    found = evaluate(noisy, parts.held_out, ENCODER)
    assert found.accepted == 0.0 or found.precision >= 0.78
    assert found.calibration_error < 0.12


def test_a_few_tickets_make_a_head_that_never_promises() -> None:
    small = train(tickets(12), LABELS, ENCODER)
    assert small.general.threshold.value == NEVER
    judged = classify(small, "the laptop lost its vpn password")
    assert judged.label == "IT"  # type: ignore[attr-defined]
    assert "too few" in judged.abstention_reason  # type: ignore[attr-defined]


def test_a_label_that_nobody_used_can_still_be_chosen() -> None:
    labels = [*LABELS, LabelInfo("Garden", "trees, flowers, lawn and hedges")]
    grown = train(tickets(60), labels, ENCODER)
    assert classify(grown, "trees flowers lawn hedges").label == "Garden"  # type: ignore[attr-defined]


def test_two_labels_are_enough_and_one_is_not() -> None:
    words = {name: WORDS[name] for name in ("IT", "Money")}
    two = train(tickets(40, words=words), LABELS[:2], ENCODER)
    assert classify(two, "invoice refund budget").label == "Money"  # type: ignore[attr-defined]
    with pytest.raises(TrainingFailed, match="fewer than two"):
        train(tickets(40, words={"IT": WORDS["IT"]}), LABELS, ENCODER)
    with pytest.raises(TrainingFailed):
        train([], LABELS, ENCODER)


def test_texts_without_a_word_do_no_harm() -> None:
    odd = ["", "🙂🙂🙂", "\x00\x01", "…", "\ud800", "1", "a" * 50_000]
    examples = unique(
        [*tickets(40), *(Example(f"odd{n}", text, "IT", BEGIN) for n, text in enumerate(odd))], list(WORDS)
    )
    weird = train(examples, LABELS, ENCODER)
    assert len(weird.classify(odd, ENCODER.embed(odd))) == len(odd)


def test_the_same_tickets_make_the_same_head() -> None:
    first, second = (train(tickets(80), LABELS, ENCODER) for _ in range(2))
    assert first.version == second.version
    assert (first.ensemble.words.weights == second.ensemble.words.weights).all()


def test_it_says_which_words_mattered(head: Head) -> None:
    text = "please reboot my laptop"
    words = dict(head.word_contributions(text, "IT"))
    assert max(words, key=lambda word: words[word]) in {"laptop", "reboot", "my laptop", "reboot my"}


def test_probabilities_are_a_distribution_over_the_best_candidates(head: Head) -> None:
    judged = classify(head, "door heating lift")
    likely = [each.probability for each in judged.candidates]  # type: ignore[attr-defined]
    assert likely == sorted(likely, reverse=True)
    assert sum(likely) == pytest.approx(1.0)
    assert Counter(each.label for each in judged.neighbours)["House"] >= 4  # type: ignore[attr-defined]


def test_on_the_first_day_names_and_descriptions_are_enough() -> None:
    cold = zero_shot_classifier(LABELS, ENCODER)
    assert classify(cold, "my laptop and its password").label == "IT"  # type: ignore[attr-defined]
    assert classify(cold, "zebra quartz umbrella violin").abstention_reason  # type: ignore[attr-defined]
    assert cold.classify([], ENCODER.embed([])) == []
