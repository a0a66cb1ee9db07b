"""Bytes of text files, whatever program wrote them."""

import pytest
from model_kit.tables.csv_reader import read_csv
from model_kit.tables.decoding import decode, has_undecodable_bytes
from model_kit.tables.table import BadTable

TEXTS = {
    "cp1252": (
        "Betreff;Text\nDrucker;Der Drucker im Büro ist außer Betrieb\n",
        "Objet;Texte\nAccès;Je n'arrive pas à accéder à ma boîte aux lettres\n",
        "Asunto;Texto\nContraseña;No puedo iniciar sesión, ¿pueden ayudarme?\n",
        "Title,Text\n" + "Printer,The printer is broken\n" * 50 + "Refund,“50 €” please\n",
    ),
    "cp1254": ("Konu;Metin\nŞifre;Şifremi unuttum, lütfen sıfırlayın, bağlantı yok\n",),
    "cp1250": ("Temat;Treść\nHasło;Nie mogę się zalogować, proszę zresetować hasło\n",),
    "cp1251": ("Тема;Текст\nПароль;Не могу войти в почту, пароль не подходит\n",),
    "cp932": ("件名,本文\nパスワード,パスワードを忘れました。リセットしてください\n",),
}


@pytest.mark.parametrize(("encoding", "text"), [(name, text) for name, texts in TEXTS.items() for text in texts])
def test_an_encoding_is_guessed_and_a_word_shows_what_came_of_it(encoding: str, text: str) -> None:
    found = decode(text.encode(encoding))
    assert (found.encoding, found.text) == (encoding, text)
    assert found.guessed in text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_needs_no_guess(encoding: str) -> None:
    found = decode("Betreff,Text\nBüro,ist zu kalt\n".encode(encoding))
    assert (found.text, found.guessed) == ("Betreff,Text\nBüro,ist zu kalt\n", "")


@pytest.mark.parametrize(
    ("named", "encoding"), [("latin1", "iso8859-1"), ("Windows-1254", "cp1254"), ("utf8", "utf-8")]
)
def test_the_caller_may_name_the_encoding(named: str, encoding: str) -> None:
    found = decode("Türkçe".encode(encoding), named)
    assert (found.text, found.encoding, found.guessed) == ("Türkçe", encoding, "")


@pytest.mark.parametrize("named", ["klingon", "base64", "rot13", "", "\x00"])
def test_a_name_of_no_text_encoding_is_refused(named: str) -> None:
    with pytest.raises(BadTable, match="no text encoding" if named else "can't be guessed"):
        decode(bytes(range(128, 256)) * 3, named)


def test_bytes_that_do_not_fit_the_named_encoding_are_named_with_their_line() -> None:
    with pytest.raises(BadTable, match="Line 3 holds bytes that are not ascii"):
        decode(b"a,b\n1,2\n\xff,3\n", "ascii")


def test_a_few_strange_bytes_in_utf_8_cost_their_rows_alone() -> None:
    table = read_csv("Titel,Text\nBüro,außen\n".encode() + b"Caf\xe9,zu\n" + "Tür,klemmt\n".encode())
    assert [row.cells for row in table.rows] == [("Büro", "außen"), ("Tür", "klemmt")]
    assert [(fault.line, "UTF-8" in fault.message) for fault in table.faults] == [(3, True)]
    assert not any(has_undecodable_bytes(cell) for row in table.rows for cell in row.cells)
