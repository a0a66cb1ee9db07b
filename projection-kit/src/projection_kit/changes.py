"""Changes of several tables, sent together."""

from collections.abc import Collection

from service_kit.database.statements import Prepared

Change = tuple[Prepared, dict[str, str]]
"""A statement and its values. Their names begin with the table's: one string may hold the changes of several tables."""


def together(changes: Collection[Change]) -> tuple[list[Prepared], dict[str, str]]:
    """Return the statements and the values of several changes, for one round trip."""
    return [statement for statement, _ in changes], {
        name: value for _, values in changes for name, value in values.items()
    }
