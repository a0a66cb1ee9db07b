"""Which language a text is in."""

import pytest
from rag_service.domain.languages import language_of


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


@pytest.mark.parametrize("text", ["", "ERR_CONNECTION_RESET", "printer jam", "do as no", "404", "🔑", "IBM SDK"])
def test_what_shows_none_has_none(text: str) -> None:
    assert language_of(text) is None


def test_a_name_in_another_script_does_not_decide() -> None:
    assert language_of("The office in Αθήνα is open for all of you and the guests") == "english"
