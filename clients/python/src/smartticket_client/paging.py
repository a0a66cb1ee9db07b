"""The rows of a list, page by page."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, TypeVar, cast

Row = TypeVar("Row")


class Rows(Generic[Row]):
    """All rows of a list: iterating fetches page after page. `first_page` is one request.

    Rows that are added or deleted meanwhile repeat and omit no other row.
    """

    def __init__(self, fetch: Callable[[Mapping[str, Any]], Any], query: Mapping[str, Any], key: str) -> None:
        """`fetch` returns the page for a query; `key` is the name of its rows."""
        self._fetch, self._query, self._key = fetch, query, key

    def __iter__(self) -> Iterator[Row]:
        for page in self.pages():
            yield from cast("list[Row]", page[self._key])

    def pages(self) -> Iterator[Mapping[str, Any]]:
        """Yield whole pages: `count`, the rows, `next`, and what else the list has."""
        query: Mapping[str, Any] = self._query
        while True:
            page: Mapping[str, Any] = self._fetch(query)
            yield page
            if page["next"] is None:
                return
            query = {**query, "cursor": page["next"]}

    def first_page(self) -> list[Row]:
        """Return the rows of the first page alone: at most `limit`, 25 by default."""
        return list(cast("list[Row]", next(self.pages())[self._key]))
