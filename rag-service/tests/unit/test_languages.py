"""Which language a text is in."""

import pytest
from rag_service.domain.languages import STOP_WORDS, language_of, languages_in


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("How do I reset the password of my account?", "english"),
        ("Wie setze ich das Passwort für mein Konto zurück?", "german"),
        ("Comment réinitialiser le mot de passe de mon compte ?", "french"),
        ("¿Cómo puedo cambiar la contraseña de mi cuenta?", "spanish"),
        ("Come posso cambiare la password del mio account?", "italian"),
        ("Como posso mudar a senha da minha conta?", "portuguese"),
        ("Hoe kan ik het wachtwoord van mijn account wijzigen?", "dutch"),
        ("Hur kan jag ändra lösenordet för mitt konto?", "swedish"),
        ("Как мне сменить пароль?", "russian"),
        ("كيف يمكنني تغيير كلمة المرور؟", "arabic"),
        ("Πώς αλλάζω τον κωδικό;", "greek"),
        ("如何重置 VPN 密码", "chinese"),
        ("パスワードをリセットする方法", "japanese"),
    ],
)
def test_a_sentence_shows_its_language(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Welche Kündigungsfrist gilt?", "german"),
        ("Darf ich meinen Hund mitbringen?", "german"),
        ("Puis-je travailler depuis chez moi ?", "french"),
        ("¿Cuántos días de vacaciones tengo?", "spanish"),
        ("Posso portare il mio cane?", "italian"),
        ("Plaatsen jullie ook zonnepanelen?", "dutch"),
        ("May we bring our dog?", "english"),
    ],
)
def test_a_short_question_without_stop_words_shows_its_language(question: str, language: str) -> None:
    assert language_of(question) == language


@pytest.mark.parametrize("text", ["", "ERR_CONNECTION_RESET", "printer jam", "do as no", "404", "🔑", "IBM SDK"])
def test_what_shows_none_has_none(text: str) -> None:
    assert language_of(text) is None


def test_a_name_in_another_script_does_not_decide() -> None:
    assert language_of("The office in Αθήνα is open for all of you and the guests") == "english"


def test_a_passage_has_the_languages_of_its_sentences() -> None:
    german = "Der Zugang ist für Gäste nicht möglich, und die Anmeldung wird von der Leitung freigegeben. "
    english = "The access is not for guests, and you can ask the desk for a key of the house. "
    assert languages_in(german) == {"german", "english"}
    assert languages_in(english) == {"english"}
    assert languages_in(german + english) == {"german", "english"}
    assert languages_in("Ключ хранится у охраны.") == {"russian", "english"}


@pytest.mark.parametrize(
    "text",
    ["Artikel: Krug; Preis in EUR: 5", "\n".join(["Preis in EUR: 5; Farbe: rot"] * 30), "Müller | 4711", ""],
)
def test_rows_are_of_every_language(text: str) -> None:
    assert languages_in(text) == STOP_WORDS.keys()
