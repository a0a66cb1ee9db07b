"""The HTML part of mails: made of the texts of the mail, every character of which is escaped."""

from jinja2 import Environment

_JINJA = Environment(autoescape=True)
# No pictures, no styles from elsewhere, nothing that runs: it shows what the text part shows.
_PAGE = _JINJA.from_string("""\
<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{{ subject }}</title></head>
<body style="font-family: sans-serif; line-height: 1.4">
{% for paragraph in paragraphs %}<p>{% for line in paragraph %}{{ line }}{% if not loop.last %}<br>
{% endif %}{% endfor %}</p>
{% endfor %}<hr>
<p style="color: #555; font-size: small">{{ footer }}</p>
</body>
</html>
""")


def html_of(subject: str, message: str, footer: str) -> str:
    """Return a page with the paragraphs of a text, which blank lines part, and a footer below them."""
    paragraphs: list[list[str]] = [[]]
    for line in message.splitlines():
        if line.strip():
            paragraphs[-1].append(line)
        elif paragraphs[-1]:
            paragraphs.append([])
    return _PAGE.render(subject=subject, paragraphs=[each for each in paragraphs if each], footer=footer)
