"""Callers who write comments on a ticket."""

from io import BytesIO
from typing import Any

from service_kit.identity import AGENT, MANAGER, REQUESTER
from service_kit.testing.postgres import ServiceDatabase

from ..conftest import Api

ANN, BEN, LEA, MAX = "user:7", "user:70", "user:8", "user:9"
"""Two requesters and two agents."""


class Discussion:
    """A ticket of Ann's with its comments, and the people who see it."""

    def __init__(self, api: Api, made: ServiceDatabase) -> None:
        self.made = made
        self.admin = Api(api.client, subject="user:1")
        self.manager = Api(api.client, role=MANAGER, subject="user:2")
        self.lea = Api(api.client, role=AGENT, subject=LEA)
        self.max = Api(api.client, role=AGENT, subject=MAX)
        self.ann = Api(api.client, role=REQUESTER, subject=ANN)
        self.ben = Api(api.client, role=REQUESTER, subject=BEN)
        self.foreign = Api(api.client, company=2, subject=LEA)
        self.ticket = int(self.ann.create(title="VPN drops")["id"])
        self.path = f"/api/tickets/{self.ticket}/comments"

    def person(self, user_id: int, role: str, *, company: int = 1, is_active: bool = True) -> None:
        """Add a person to the replica."""
        with self.made.admin() as connection, connection.cursor() as cursor:
            cursor.execute(
                "insert into users (company_id, user_id, role, is_active, revision) values (%s, %s, %s, %s, 1)",
                (company, user_id, role, is_active),
            )

    def send(self, author: Api, text: str, **fields: Any) -> Any:
        """Send a comment and return the answer."""
        return author.call("POST", self.path, {"text": text} | fields)

    def add(self, author: Api, text: str, **fields: Any) -> dict[str, Any]:
        """Add a comment and return it."""
        response = self.send(author, text, **fields)
        assert response.status_code == 201, response.text
        assert response.headers["Location"] == f"/api/comments/{response.json['id']}"
        return dict(response.json)

    def upload(self, author: Api, content: bytes, name: str = "log.txt", **headers: str) -> Any:
        """Send a file to the ticket and return the answer."""
        form = {"file": (BytesIO(content), name)}
        sent = {header.replace("_", "-"): value for header, value in headers.items()}
        path = f"/api/tickets/{self.ticket}/attachments"
        return author.send("POST", path, sent, data=form, content_type="multipart/form-data")

    def attachment(self, author: Api, content: bytes, name: str = "log.txt") -> dict[str, Any]:
        """Send a file to the ticket and return it."""
        response = self.upload(author, content, name)
        assert response.status_code == 201, response.text
        return dict(response.json["item"])

    def texts(self, reader: Api) -> list[str | None]:
        """Return the texts that a caller sees, in their order."""
        return [comment["text"] for comment in reader.every(f"{self.path}?limit=2")]

    def changes(self) -> list[tuple[Any, ...]]:
        """Return (type, revision, body) of each published edit or deletion of a comment."""
        query = "select type, revision, body::json from outbox where type like 'ticket.comment.%%' order by seq"
        return self.made.rows(query)

    def published(self) -> list[tuple[Any, ...]]:
        """Return (revision, body) of each published comment."""
        return self.made.rows("select revision, body from outbox where type = 'ticket.commented' order by seq")
