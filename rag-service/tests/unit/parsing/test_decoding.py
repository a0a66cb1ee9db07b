"""Text is read in the encoding that it was written in, whichever that is."""

import random
import time

import pytest
from rag_service.adapters.parsing.decoding import decoded
from rag_service.adapters.parsing.encodings import guessed

TEXTS = {
    "Пропуск выдаёт вахтёр на первом этаже. Если он болен, звоните 4501.": (
        "cp1251", "cp866", "koi8_r", "iso8859_5", "mac_cyrillic",
    ),
    "Перепустку видає черговий на першому поверсі, якщо є паспорт.": ("cp1251", "koi8_u"),
    "Klucze są w portierni na parterze. Proszę oddać je do piątku, także w święta.": ("cp1250", "iso8859_2", "cp852"),
    "Klíče jsou na vrátnici v přízemí. Vraťte je, prosím, do pátku, nejpozději ve čtvrtek.": ("cp1250", "iso8859_2"),
    "A kulcsok a portán vannak, és péntekig vissza kell hozni őket. Hűtő: második emelet.": ("cp1250", "iso8859_2"),
    "Die Schlüssel liegen an der Pforte. Bitte bis Freitag zurück, auch größere.": ("cp1252", "mac_roman", "cp850"),
    "Les clés sont à la loge. À rendre avant vendredi, même l’été, où que vous soyez.": ("cp1252", "mac_roman"),
    "Las llaves están en la portería. ¿Cuándo se devuelven? El viernes, según el señor Núñez.": ("cp1252", "mac_roman"),
    "Anahtarlar güvenlikte. Cuma gününe kadar iade edilmesi gerekir, şifre değişir.": ("cp1254",),
    "Τα κλειδιά είναι στην είσοδο και επιστρέφονται την Παρασκευή.": ("cp1253", "iso8859_7"),
    "המפתחות נמצאים בכניסה. יש להחזיר אותם עד יום שישי.": ("cp1255",),
    "المفاتيح عند المدخل. يجب إعادتها قبل يوم الجمعة.": ("cp1256",),
    "鍵は受付にあります。金曜日までに返してください。電話は4501です。": ("cp932", "euc_jp", "iso2022_jp"),
    "钥匙在前台，请在星期五之前归还。电话 4501。": ("gb18030", "gbk"),
    "鑰匙在前台，請在星期五之前歸還。電話 4501。": ("big5",),
    "열쇠는 안내 데스크에 있습니다. 금요일까지 돌려주세요.": ("cp949", "euc_kr"),
    "The fee is £25 – “no refunds” – see § 4.": ("cp1252", "mac_roman"),
}  # fmt: skip
EACH = [(text, code) for text, codes in TEXTS.items() for code in codes]


@pytest.mark.parametrize(("text", "code"), EACH)
@pytest.mark.parametrize("times", [1, 40])
def test_older_encodings_are_recognised_by_what_the_text_says(text: str, code: str, times: int) -> None:
    written = f"{text}\n" * times
    assert decoded(written.encode(code)) == written


@pytest.mark.parametrize("text", [text for text in TEXTS if not any("\u3000" < letter < "\ud7ff" for letter in text)])
@pytest.mark.parametrize("code", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "utf-32", "utf-16", "utf-8-sig"])
def test_unicode_is_read_with_and_without_a_mark(text: str, code: str) -> None:
    assert decoded(text.encode(code)) == text


def test_a_few_broken_bytes_do_not_change_the_encoding() -> None:
    text = "Schlüssel für Gäste, geöffnet bis fünf. " * 5
    assert decoded(text.encode() + b"\xff ende") == f"{text}� ende"


def test_the_declared_encoding_counts_where_the_bytes_fit_it() -> None:
    assert decoded("Größe".encode("cp437"), "cp437") == "Größe"


def test_any_bytes_have_an_encoding_soon() -> None:
    noise = random.Random(5)
    began = time.process_time()
    for low in (32, 128, 160):
        decoded_name = guessed(bytes(noise.choice(range(low, 256)) for _ in range(300_000)))
        assert "x".encode(decoded_name)
    assert time.process_time() - began < 20
