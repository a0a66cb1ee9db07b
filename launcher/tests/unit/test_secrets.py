"""`smart-ticket secrets` prints lines for .env that are read."""

import re
from pathlib import Path

from click.testing import CliRunner
from launcher.commands.secrets import secrets

EXAMPLE = Path(__file__).parents[3] / ".env.example"


def test_every_printed_name_is_a_setting() -> None:
    printed = CliRunner().invoke(secrets).output.splitlines()
    names = {line.partition("=")[0] for line in printed}
    settings = set(re.findall(r"^(?:# )?([A-Z][A-Z0-9_]*)=", EXAMPLE.read_text(), re.MULTILINE))
    assert {"AUTH_KEY_SECRET", "NOTIFICATION_KEY_SECRET"} <= names
    assert names <= settings
