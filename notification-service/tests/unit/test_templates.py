"""The part of Jinja that templates may use, and that it takes bounded time and space."""

import time

import pytest
from notification_service.adapters.templates import JinjaRenderer
from notification_service.domain.template import MAX_BODY_CHARACTERS, BadTemplate
from notification_service.domain.texts import fault_of_line, fault_of_text, one_line, stored_text

RENDERER = JinjaRenderer()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Hello {{ name }}!", "Hello Ann!"),
        ("{{ name | upper }} {{ missing | default('nobody') }}", "ANN nobody"),
        ("{% if number > 3 and name is defined %}many{% else %}few{% endif %}", "many"),
        ("{{ 'yes' if flag else 'no' }}", "no"),
        ("<b>{{ markup }}</b>", "<b><i>&</b>"),
        ("a\n", "a\n"),
    ],
)
def test_a_template_is_output_conditions_and_filters(source: str, expected: str) -> None:
    values = {"name": "Ann", "number": 7, "flag": False, "markup": "<i>&"}
    assert RENDERER.render("body", source, values) == expected


@pytest.mark.parametrize(
    "source",
    [
        "{% for i in range(10000) %}{% for j in range(10000) %}x{% endfor %}{% endfor %}",
        "{{ 'x' * 1000000000 }}",
        "{{ 10 ** 10 ** 10 }}",
        "{{ range(10) }}",
        "{{ name.__class__.__mro__ }}",
        "{{ name['__class__'] }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ name | attr('__class__') }}",
        "{{ name | center(1000000000) }}",
        "{{ name | replace('', 'xxxx') }}",
        "{{ '%1000000000d' | format(1) }}",
        "{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}",
        "{% set a = 1 %}",
        "{% include 'x' %}",
        "{% import 'x' as y %}",
        "{% break %}",
        "{{ name ~ name }}",
        "{{ [1, 2] }}",
        "{{ name is divisibleby 3 }}",
        "{{",
        "{{ " + "(" * 5000 + "name" + ")" * 5000 + " }}",
    ],
)
def test_nothing_else_is_accepted(source: str) -> None:
    began = time.process_time()
    with pytest.raises(BadTemplate) as refused:
        RENDERER.render("body", source, {"name": "Ann"})
    assert refused.value.errors[0]["field"] == "body"
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    "name", ["self", "super", "caller", "loop", "range", "cycler", "lipsum", "dict", "namespace", "joiner"]
)
def test_names_of_the_language_are_no_values(name: str) -> None:
    with pytest.raises(BadTemplate, match=name):
        RENDERER.render("body", f"{{{{ {name} }}}}", {"name": "Ann"})


def test_a_missing_value_is_named() -> None:
    with pytest.raises(BadTemplate, match="reason"):
        RENDERER.render("body", "{{ reason }}", {})
    with pytest.raises(BadTemplate, match="reason"):
        RENDERER.check("body", "{{ reason }}", ["subject"])


def test_the_largest_template_with_the_largest_values_takes_bounded_time_and_space() -> None:
    source = "{{ a }}" * (MAX_BODY_CHARACTERS // 7)
    with pytest.raises(BadTemplate, match="Longer than"):
        RENDERER.render("body", source, {"a": "ß" * 2000})


def test_values_are_no_templates() -> None:
    assert RENDERER.render("body", "{{ a }}", {"a": "{{ 7 * 7 }}"}) == "{{ 7 * 7 }}"


def test_a_subject_is_one_line() -> None:
    assert one_line(" a\r\nBcc: x@y.example\x00\u202e ") == "a Bcc: x@y.example"


@pytest.mark.parametrize("control", ["\0", "\x07", "\x0b", "\x1b", "\x7f", "\x85"])
def test_no_text_has_control_characters(control: str) -> None:
    assert fault_of_text(f"a{control}b") is not None
    assert fault_of_line(f"a{control}b") is not None


@pytest.mark.parametrize("hidden", ["\n", "\t", "\u202e", "\u2066", "\u200b", "\u2028"])
def test_a_subject_hides_nothing_but_a_text_may_have_lines_and_directions(hidden: str) -> None:
    fault = fault_of_line(f"a{hidden}b")
    assert fault is not None
    assert f"U+{ord(hidden):04X}" in fault
    assert fault_of_text(f"a{hidden}b") is None


def test_a_text_is_stored_with_line_feeds_alone() -> None:
    assert fault_of_text(stored_text("a\r\nb\rc\td")) is None
    assert stored_text("a\r\nb\rc") == "a\nb\nc"
