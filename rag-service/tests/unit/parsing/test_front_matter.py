"""Front matter of Markdown files is kept as rows, beside the title."""

import pytest
from rag_service.adapters.parsing import markdown
from rag_service.adapters.parsing.front_matter import split
from rag_service.adapters.parsing.limits import Limits
from rag_service.domain.document import PassageKind

YAML = """---
title: "Spesen: Regeln"
gültig_ab: 2031-04-02   # since
max_amount: 250 EUR
owner: 'Finance: team'
layout: page
tags: [travel, "per diem"]
approvers:
  - Ana Ruiz
  - Bo Li
contact:
  mail: fin@example.org
  phone: 4501
summary: >
  Two lines
  of text.
empty:
---
# Regeln

Text.
"""


def test_yaml_is_rows_of_keys_with_their_values() -> None:
    found = markdown.read(YAML.encode(), Limits()).parsed()
    assert found.title == "Spesen: Regeln"
    assert found.sections[0].kind is PassageKind.ROWS
    assert found.sections[0].text.split("\n") == [
        "gültig_ab: 2031-04-02",
        "max_amount: 250 EUR",
        "owner: Finance: team",
        "tags: travel, per diem",
        "approvers: Ana Ruiz, Bo Li",
        "contact.mail: fin@example.org",
        "contact.phone: 4501",
        "summary: Two lines of text.",
    ]
    assert (found.sections[1].heading, found.sections[1].text) == (("Regeln",), "Text.")


def test_toml_is_read_too() -> None:
    front, rest = split('+++\ntitle = "Rules"\ndate = 2031-04-02\n[params]\nowner = "HR"\n+++\nText.\n')
    assert front is not None
    assert (front.title, front.rows, rest) == ("Rules", ("date: 2031-04-02", "params.owner: HR"), "Text.\n")


@pytest.mark.parametrize(
    "text", ["---\n\nA rule above a text.\n\n---\n", "---\nno end: 1\n", "Text.\n---\na: 1\n---\n"]
)
def test_rules_are_no_front_matter(text: str) -> None:
    assert split(text) == (None, text)


def test_hostile_front_matter_takes_no_time() -> None:
    for line in ("a: [" * 20, "- " * 40, "a" * 5_000, '"' * 900, " " * 3_000):
        split("---\n" + f"{line}\n" * 400 + "---\n")
        split("---\n" + f"{line}\n" * 400)
