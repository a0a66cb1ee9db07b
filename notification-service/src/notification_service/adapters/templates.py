"""Renders the templates of companies with Jinja2, in its sandbox and with a small part of its language.

Output, conditions, comparisons and a few filters: no loops, no calls, no arithmetic, no attributes. So a template takes
time and space in proportion to its own length and its values', and reaches nothing but the values.
"""

from collections.abc import Collection

from jinja2 import StrictUndefined, TemplateError, nodes
from jinja2.meta import find_undeclared_variables
from jinja2.sandbox import ImmutableSandboxedEnvironment

from notification_service.domain.template import MAX_RENDERED_CHARACTERS, BadTemplate, Context

FILTERS = frozenset({"capitalize", "d", "default", "lower", "title", "trim", "upper"})
TESTS = frozenset({"defined", "none", "undefined"})
_NODES = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.If, nodes.CondExpr, nodes.Compare,
    nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Filter, nodes.Test, nodes.Keyword,
)  # fmt: skip
_RESERVED = frozenset({"caller", "kwargs", "loop", "self", "super", "varargs"})
"""Names that Jinja supplies by itself in places."""
_JINJA = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True)
"""The app shows texts as such, and the HTML part of mails escapes them: nothing is escaped here."""
# `range`, `dict` and the like are no values: a template that names them must get a value of that name.
_JINJA.globals.clear()


class JinjaRenderer:
    """Checks and renders templates."""

    def check(self, field: str, source: str, variables: Collection[str] | None = None) -> None:
        """Raise BadTemplate where a source isn't accepted, or names anything but `variables` (None: any)."""
        try:
            tree = _JINJA.parse(source)
        except (TemplateError, RecursionError) as error:
            raise BadTemplate(field, f"Not a template: {str(error)[:200]}") from None
        for node in _all(tree):
            if not isinstance(node, _NODES):
                raise BadTemplate(field, f"{type(node).__name__} isn't accepted: only output, if and filters.")
            if isinstance(node, nodes.Name) and node.name in _RESERVED:
                raise BadTemplate(field, f"{node.name} isn't accepted as a name.")
            if isinstance(node, nodes.Filter) and node.name not in FILTERS:
                raise BadTemplate(field, f"There is no filter {node.name}; use {', '.join(sorted(FILTERS))}.")
            if isinstance(node, nodes.Test) and node.name not in TESTS:
                raise BadTemplate(field, f"There is no test {node.name}; use {', '.join(sorted(TESTS))}.")
        named = find_undeclared_variables(tree)
        if variables is not None and (unknown := named - set(variables)):
            raise BadTemplate(field, f"There is no {sorted(unknown)[0]}; use {', '.join(sorted(variables))}.")

    def render(self, field: str, source: str, values: Context) -> str:
        """Return a checked source with its values; raise BadTemplate for a missing value or too long a text."""
        self.check(field, source)
        length, pieces = 0, []
        try:
            for piece in _JINJA.from_string(source).generate(dict(values)):
                length += len(piece)
                if length > MAX_RENDERED_CHARACTERS:
                    raise BadTemplate(field, f"Longer than {MAX_RENDERED_CHARACTERS} characters with these values.")
                pieces.append(piece)
        except (TemplateError, TypeError) as error:
            raise BadTemplate(field, f"Can't be rendered: {str(error)[:200]}") from None
        return "".join(pieces)


def _all(tree: nodes.Template) -> list[nodes.Node]:
    found: list[nodes.Node] = []
    waiting: list[nodes.Node] = [tree]
    while waiting:
        found.append(waiting.pop())
        waiting += found[-1].iter_child_nodes()
    return found
