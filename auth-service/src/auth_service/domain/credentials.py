"""Proofs of a person's identity that a request can lack."""


class WrongPassword(Exception):
    """The current password is wrong (403); `errors` names the field."""

    def __init__(self, field: str = "password") -> None:
        super().__init__("The current password is wrong.")
        self.errors = [{"field": field, "message": "Wrong."}]


class NoPassword(Exception):
    """The person has no password to check: the account signs in another way."""
