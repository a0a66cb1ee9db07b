"""What `smart-ticket rag ask` prints."""

import json

from click.testing import CliRunner
from launcher.commands.knowledge import ask
from requests import Response

ANSWER = "Der Schlüssel kostet 12,50 € – bei „Müller“, 東京."
SOURCE = {"title": "Öffnung.md", "locator": "Blatt 2", "score": 0.61}


class Server:
    """A gateway that streams one answer."""

    def send(self, *_arguments: object, **_options: object) -> Response:
        response = Response()
        response.status_code = 200
        response.headers["Content-Type"] = "text/event-stream"
        final = json.dumps({"answer": ANSWER, "sources": [SOURCE]}, ensure_ascii=False)
        response._content = f'event: stage\ndata: {{"stage": "reading"}}\n\nevent: final\ndata: {final}\n\n'.encode()
        return response


def test_an_answer_in_any_language_is_printed_as_it_is() -> None:
    done = CliRunner().invoke(ask, ["Was kostet der Schlüssel?"], obj={"gateway": Server()})
    assert done.exit_code == 0, done.output
    assert done.output.splitlines() == [ANSWER, "  Öffnung.md Blatt 2 (0.61)"]
