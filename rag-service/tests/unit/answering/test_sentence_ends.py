"""Full stops that end a sentence, and those that do not."""

import pytest
from rag_service.domain.answering.sentences import split

WHOLE = [
    "Der Resturlaub verfällt am 31. März des Folgejahres.",
    "Die Miete ist bis zum 3. Werktag jedes Monats fällig.",
    "Nach der 2. Mahnung sperren wir den Zugang.",
    "Der Empfang liegt im 3. Stock, Zimmer 12.",
    "Die Kündigung gilt ab dem 1. Mai oder dem 15. Juni 2031.",
    "Gemäß § 4 Abs. 2 Nr. 5 der Satzung gilt das z. B. für Lehrlinge, d. h. nicht für alle.",
    "Rufen Sie tel. unter Nr. 0800 22 an, ggf. auch Frau Dr. Ruhl.",
    "Die Frist endet am 31. 12. 2031 um 18 Uhr.",
    "Im 2. und 3. Quartal gilt der Tarif A.",
    "Der 13. Monatslohn wird im Nov. 2031 bezahlt.",
    "Das neue Gerät kostet ca. 3 Mio. Euro inkl. Montage.",
    "Zahlbar in 40 Min. Arbeitszeit.",
    "Das Büro in St. Gallen liegt in der Bahnhofstr. 5 neben Hrn. Meyers Laden.",
    "The plan starts in Jan. 2031 and ends on Feb. 28, 2032.",
    "Call ext. 4501 or No. 7 in approx. 5 minutes.",
    "See Art. 3, Sec. 4 and p. 12 of the manual.",
    "The desk is open from 9 a.m. Monday to 5 p.m. Friday.",
    "The call starts at 9 a.m. Eastern and ends at 10 a.m. GMT.",
    "We ship to the U.S. Virgin Islands.",
    "J. R. R. Tolkien and Prof. M. Okafor wrote it.",
    "Version 2.5.1 runs e.g. on Windows 10.4 and macOS.",
    "Le contrat prend fin le 31 déc. 2031, cf. art. 12 al. 3, p. ex. pour M. Dupont.",
    "Voir p. 14 et le tél. 01 44 22 de Mme. Petit.",
    "Zavolejte na tel. č. 222 333 podle čl. 5 odst. 2 písm. b) zákona.",
    "Smlouva končí 31. března 2031, např. pro p. Nováka.",
    "V 1. patře sídlí odd. prodeje.",
    "Umowa kończy się 31 grudnia 2031 r. i wygasa, np. zgodnie z art. 5 ust. 2 pkt 3.",
    "Zwrot trwa ok. 14 dni, tj. dwa tygodnie, zob. str. 5.",
    "De opzegtermijn is ca. 2 maanden, d.w.z. tot 1 mei, zie blz. 12 en art. 3.",
    "Bel dhr. De Vries op tel. 020 55, bijv. om 9 uur.",
    "Møtet er den 3. Mai kl. 9 i rom nr. 12, f.eks. med bl.a. Kari.",
    "Mötet är den 1. maj kl. 14 på t.ex. kontoret, jfr. kap. 3.",
    "A határidő 2031. január 31. napja.",
    "La ley, art. 5, p. ej. para la Sra. Gómez, vence aprox. en 3 días, pág. 4.",
    "Il termine scade il 3 genn. 2031, vedi art. 4, p. es. per il sig. Rossi e la dott. Bini.",
    "Телефон: тел. 22-33, ул. Мира, т. е. рядом.",
    "31. März ist der Stichtag für alle.",
    "3. Stock: Labor und Archiv",
    "z. B. Drucker und Scanner",
    "Pay at St. Mary's gate, fig. 3.",
    "The U.K. Border Force checks it.",
    "It is worth 5 approx. EUR.",
    '"Stop it." he said.',
    "Wait ... then go on.",
    "Der Vertrag vom 2. Januar bzw. 3. Februar endet.",
    "Dies ist unsere 4. Filiale und die 2. Einrichtung dieser Art.",
    "Der Kurs läuft am Mo. 9 Uhr und Mi. 14 Uhr.",
    "The fee is due within 30 days of inv. no. K-114.",
]
SEVERAL = [
    "It costs 40.|The fee is due at once.",
    "Das gilt bis 2031.|Danach gilt der neue Tarif.",
    "The room has seats for 12.|Visitors must sign in.",
    "Die Gebühr beträgt 40.|Kunden zahlen sie im Voraus.",
    "Die Frist endet am 31.|Danach ist keine Rückgabe möglich.",
    "Die Frist endet am 15.|Bei Verzug zahlen Sie mehr.",
    "I am 31.|Peter is 40.",
    "It closes at 5 p.m.|Visitors must leave then.",
    "It closes at 5 p.m.|The door locks itself.",
    "We sell mice, cables, etc.|Printers are sold elsewhere.",
    "Wir verkaufen Mäuse, Kabel usw.|Drucker gibt es nebenan.",
    "Is it free?|No.|Ask sales first.",
    "Choose Plan B.|The fee is lower.",
    "It weighs 5 kg.|Handle it with care.",
    "Das Paket wiegt 5 kg.|Heben Sie es zu zweit.",
    "The pin is 4501.|Keep it secret.",
    "Install Windows 11.|Restart the device.",
    "Opłata wynosi 50 zł do 2031 r.|Potem rośnie.",
    "La limite est de 3.|Les autres paient.",
    "El límite es 12.|Después se cobra.",
    "Prisen er 250 kr.|Den betales i kassen.",
    "Limit je 5.|Pak platíte více.",
    "See page 12.|Printers are listed there.",
    "Die Wartezeit beträgt 40 Min.|Danach rufen wir zurück.",
    "open the lid.|then press start.",
    "I said yes.|my printer is broken.",
    "It sells in the U.S.|The price is $3.50.",
    "He works for Acme Inc.|The office is closed.",
    "We are art.|Designers love us.",
    "Do this: 1. Open it.|2. Click Save.|3. Wait.",
    "How many?|40.|The rest is sold.",
    "यह पहला है।|यह दूसरा है।",
    "هل هو مجاني؟|نعم هو كذلك.",
    "Send a PDF.|Scans are fine.",
    "Use the VPN.|Open the client.",
    "Das sind 3 Std.|Die Pause zählt nicht.",
    "I think so.|Printers are cheap.",
    "We open on Mon.|The shop is closed else.",
    "This is the max.|Please stop.",
    "He did that in Dec.|The rest came later.",
    "Die Miete steigt im Jahr 2031 auf 900.|Mieter werden informiert.",
    "Read the doc.|Open it first.",
    "The answer is no.|Customers pay.",
]


@pytest.mark.parametrize("sentence", WHOLE)
def test_ordinals_dates_and_abbreviations_end_no_sentence(sentence: str) -> None:
    assert [each.text for each in split(sentence)] == [sentence]


@pytest.mark.parametrize("sentences", SEVERAL)
def test_a_number_or_an_abbreviation_may_be_the_last_word(sentences: str) -> None:
    """A bar marks where the next sentence begins."""
    assert [each.text for each in split(sentences.replace("|", " "))] == sentences.split("|")


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        (
            "Der Resturlaub verfällt am 31.\nMärz des Folgejahres. Ende.",
            ["Der Resturlaub verfällt am 31. März des Folgejahres.", "Ende."],
        ),
        (
            "Die Rechnung ist ohne Abzug zu zahlen spätestens am\n15. Juni oder bei Erhalt.",
            ["Die Rechnung ist ohne Abzug zu zahlen spätestens am 15. Juni oder bei Erhalt."],
        ),
        (
            "The price for a night in the house of the company is\n40. Breakfast costs extra.",
            ["The price for a night in the house of the company is 40.", "Breakfast costs extra."],
        ),
        ("3. Stock: Labor\n4. Stock: Archiv", ["3. Stock: Labor", "4. Stock: Archiv"]),
        ("1. Open the lid\n2. Close it", ["Open the lid", "Close it"]),
    ],
)
def test_a_number_at_a_line_s_begin_is_a_list_s_only_in_a_list(text: str, sentences: list[str]) -> None:
    assert [each.shown for each in split(text)] == sentences
