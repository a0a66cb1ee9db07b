"""Plain text and Markdown."""

import random

from .case import REFUSED, SEEN, UNSEEN, Target, adversarial_file

LINE = SEEN.encode() + b"\n\n"


@adversarial_file("text", read=True)
def marks_without_end_on_one_letter(_: Target) -> bytes:
    return LINE + ("e" + "\u0301\u0323" * 200_000).encode()


@adversarial_file("text", read=True)
def directions_and_signs_without_width(_: Target) -> bytes:
    return ("\u202e\u2066" + SEEN.replace("o", "\u200bo\u2060") + "\U000e0041\U000e0042\ufeff\u00ad").encode()


@adversarial_file("text", read=True)
def message_in_signs_that_nobody_sees(_: Target) -> bytes:
    return LINE + "".join(chr(0xE0000 + ord(letter)) for letter in UNSEEN).encode()


@adversarial_file("text", read=True)
def orders_to_the_terminal(_: Target) -> bytes:
    return LINE + b"\x1b]0;title\x07\x1b[2J\x1b[8m words \x1b[0m" + b"enough of plain text beside them. " * 20


@adversarial_file("text", read=True)
def text_in_sixteen_bits_without_a_mark(_: Target) -> bytes:
    return (SEEN + "\nand more of it").encode("utf-16-le")


@adversarial_file("text", read=True)
def half_a_letter_in_sixteen_bits(_: Target) -> bytes:
    return b"\xff\xfe" + SEEN.encode("utf-16-le") + b"\x00\xd8\x41"


@adversarial_file("text", read=True)
def bytes_that_are_no_letters(_: Target) -> bytes:
    return LINE + b"caf\xe9 \x80 \x81\x8d \xc0\xaf \xed\xa0\x80"


@adversarial_file("text", refused={"wrong_kind"})
def program_called_text(_: Target) -> bytes:
    return b"\x7fELF\x02\x01\x01" + bytes(200) + LINE


@adversarial_file("text", refused={"wrong_kind"})
def rubbish_called_text(_: Target) -> bytes:
    return random.Random(6).randbytes(50_000)


@adversarial_file("text", refused={"empty"})
def nothing_but_line_ends(_: Target) -> bytes:
    return b"\n \n\t\r\n" * 100_000


@adversarial_file("text", refused={"empty"})
def nothing_but_signs_without_width(_: Target) -> bytes:
    return "\u200b\u2060\ufeff\u202e".encode() * 1_000


@adversarial_file("text", refused={"too_large"})
def more_text_than_one_file_may_hold(_: Target) -> bytes:
    return LINE + b"word " * 4_500_000


@adversarial_file("text", read=True, refused={"too_large"})
def word_of_five_megabytes(_: Target) -> bytes:
    return LINE + b"a" * 5_000_000


@adversarial_file("markdown", read=True, refused=REFUSED)
def quotes_ten_thousand_deep(_: Target) -> bytes:
    return LINE + b">" * 10_000 + b" deep\n"


@adversarial_file("markdown", read=True, refused=REFUSED)
def lists_thousands_deep(_: Target) -> bytes:
    return LINE + b"".join(b" " * n + b"- a\n" for n in range(0, 3_000, 2))


@adversarial_file("markdown", read=True, refused=REFUSED)
def brackets_that_never_close(_: Target) -> bytes:
    return LINE + b"[" * 50_000 + b"![" * 20_000


@adversarial_file("markdown", read=True, refused=REFUSED)
def ticks_that_never_match(_: Target) -> bytes:
    return LINE + b" ".join(b"`" * n for n in range(1, 800))


@adversarial_file("markdown", read=True, refused=REFUSED)
def stars_that_never_match(_: Target) -> bytes:
    return LINE + b"*a **b " * 20_000 + b"_" * 50_000


@adversarial_file("markdown", read=True)
def scripts_in_markdown(target: Target) -> bytes:
    script = f"<script>fetch('{target.url}'); {UNSEEN}</script>\n\n<img src={target.url}/x onerror=alert(1)>\n\n"
    return script.encode() + LINE + b"<style>" + UNSEEN.encode() + b"</style>\n\n[a](javascript:alert(1))"


@adversarial_file("markdown", read=True)
def comment_in_markdown(_: Target) -> bytes:
    return LINE + f"<!-- {UNSEEN} -->\n\n<p hidden>{UNSEEN}</p>\n".encode()


@adversarial_file("markdown", read=True, refused=REFUSED)
def table_with_ten_thousand_columns(_: Target) -> bytes:
    return LINE + b"|a" * 10_000 + b"|\n" + b"|-" * 10_000 + b"|\n" + b"|b|\n" * 100
