"""Words that name columns, in the larger European languages."""

import re

MAX_WORDS = 5


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_WORDS = _set(
    # English
    "name names surname firstname lastname person contact contacts phone telephone tel mobile fax extension ext email "
    "e-mail mail address street city town country region zip postcode website url link department dept team division "
    "function role position title job location site office branch building floor room desk manager owner responsible "
    "responsibility author supervisor id no nr number code sku ref reference key article item items product products "
    "part model type kind category class group brand size colour color weight length width height material unit units "
    "quantity qty amount stock price prices cost costs fee fees rate rates total sum vat tax discount currency monthly "
    "yearly annual net gross deposit salary budget value values date dates day days month year quarter week time times "
    "hours hour opens closes opening closing start begin begins end ends from to until since deadline duration period "
    "term terms status state version revision priority level grade score limit limits maximum minimum max min "
    "description details detail definition meaning explanation note notes remark remarks comment comments question "
    "questions answer answers topic subject issue problem solution cause action step task procedure error message "
    "reason result service services plan feature features option options setting settings parameter default example "
    "field column format file page source language user customer client supplier vendor company employee employees "
    "member members agent allowance entitlement benefit requirement requirements procedure policy rule device "
    "software hardware system application port host server protocol frequency who what when where why how shipping "
    "delivery destination origin route flight gate zone shift event activity course instructor capacity warranty "
    "purpose storage retention symptom remedy contract invoice order account username abbreviation acronym "
    # German
    "nachname vorname ansprechpartner telefon durchwahl handy adresse anschrift straße ort stadt land region plz "
    "abteilung bereich funktion rolle stelle standort filiale gebäude etage stock raum zimmer leitung leiter "
    "verantwortlich zuständig zuständigkeit nummer artikel bezeichnung produkt teil typ art kategorie gruppe marke "
    "größe farbe gewicht länge breite höhe werkstoff einheit menge anzahl bestand lager preis preise kosten gebühr "
    "gebühren satz summe gesamt mwst steuer rabatt währung monatlich jährlich netto brutto betrag gehalt wert datum "
    "tag monat jahr quartal woche zeit zeiten uhrzeit stunden öffnet schließt öffnungszeiten beginn ende ab bis seit "
    "frist dauer zeitraum zustand stand ausgabe priorität stufe klasse grenze höchstens beschreibung bedeutung "
    "erklärung erläuterung anmerkung bemerkung hinweis kommentar frage fragen antwort antworten thema problem lösung "
    "ursache maßnahme schritt aufgabe fehler meldung grund ergebnis leistung tarif merkmal option einstellung beispiel "
    "feld quelle sprache benutzer kunde lieferant firma mitarbeiter urlaub anspruch gerät zweck vertrag rechnung "
    "aufbewahrung abkürzung begriff "
    # French
    "nom prénom téléphone poste portable courriel adresse rue ville pays service fonction rôle lieu bureau bâtiment "
    "étage salle responsable numéro référence article désignation produit pièce modèle catégorie groupe marque taille "
    "couleur poids longueur largeur hauteur unité quantité prix coût coûts tarif taux montant remise devise mensuel "
    "annuel jour mois année trimestre semaine heure heures horaires ouverture fermeture début fin délai durée période "
    "statut état niveau limite définition signification remarque remarques commentaire réponse réponses sujet problème "
    "cause étape tâche erreur raison résultat langue client fournisseur entreprise exemple "
    # Spanish
    "nombre apellido apellidos teléfono móvil correo dirección calle ciudad país departamento función cargo ubicación "
    "oficina edificio piso planta sala responsable número código referencia artículo producto pieza modelo tipo "
    "categoría grupo marca tamaño color peso largo ancho alto unidad cantidad existencias precio precios coste costo "
    "tarifa importe descuento moneda mensual anual fecha día mes año trimestre semana hora horas horario apertura "
    "cierre inicio fin plazo duración período estado nivel límite descripción significado nota observaciones "
    "comentario pregunta preguntas respuesta respuestas tema problema solución causa paso tarea motivo resultado "
    "idioma cliente proveedor empresa ejemplo "
    # Italian
    "nome cognome telefono cellulare indirizzo via città paese reparto funzione ruolo sede ufficio edificio piano "
    "stanza responsabile numero codice riferimento articolo prodotto pezzo modello categoria gruppo marca taglia "
    "colore peso lunghezza larghezza altezza unità quantità prezzo prezzi costo costi tariffa importo sconto valuta "
    "mensile annuale data giorno mese anno trimestre settimana ora ore orario apertura chiusura inizio fine scadenza "
    "durata periodo stato livello limite descrizione significato nota note commento domanda domande risposta risposte "
    "argomento problema soluzione passo compito motivo risultato lingua cliente fornitore azienda esempio "
    # Dutch
    "naam voornaam achternaam telefoon toestel adres straat plaats stad afdeling functie rol locatie kantoor gebouw "
    "verdieping kamer verantwoordelijke nummer artikel product onderdeel soort categorie groep merk maat kleur gewicht "
    "lengte breedte hoogte eenheid aantal voorraad prijs prijzen kosten tarief bedrag korting maandelijks jaarlijks "
    "datum dag maand jaar kwartaal week tijd uren openingstijden begin einde termijn duur periode omschrijving "
    "betekenis opmerking opmerkingen vraag vragen antwoord antwoorden onderwerp probleem oplossing oorzaak stap taak "
    "fout reden resultaat taal klant leverancier bedrijf voorbeeld "
    # Portuguese, Polish, Swedish
    "nome telefone endereço cidade departamento cargo local sala código artigo produto preço quantidade custo valor "
    "data dia mês ano horário descrição pergunta resposta imię nazwisko nazwa telefon adres miasto dział stanowisko "
    "pokój numer kod artykuł produkt cena ilość koszt kwota dzień miesiąc rok godziny opis pytanie odpowiedź status "
    "namn telefon adress ort avdelning roll plats rum nummer kod artikel pris antal kostnad belopp dag månad år tid "
    "beskrivning fråga svar"
)
_ENDINGS = (
    "nummer", "preis", "name", "datum", "zeit", "zeiten", "nr", "kosten", "gebühr", "bezeichnung", "gruppe", "menge",
    "ort", "betrag", "satz", "dauer", "frist", "klasse", "adresse", "prijs", "tijd", "pris", "number", "_id", "_no",
)  # fmt: skip
_TOKEN = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
QUESTION = _set(
    "question questions q faq frage fragen pregunta preguntas domanda domande vraag vragen pergunta perguntas pytanie "
    "pytania fråga frågor spørgsmål spørsmål otázka kysymys вопрос вопросы întrebare kérdés ερώτηση soru "
    "質問 问题"
)
ANSWER = _set(
    "answer answers a antwort antworten réponse réponses respuesta respuestas risposta risposte antwoord antwoorden "
    "resposta respostas odpowiedź odpowiedzi svar odpověď vastaus ответ ответы răspuns válasz απάντηση cevap yanıt "
    "回答 答案 reply response"
)


def is_name(text: str) -> bool:
    """Return whether a cell reads as the name of a column: `Unit price`, `Preis, netto`, `first_name`."""
    if "_" in text and " " not in text.strip():
        return True
    words = [word.lower() for word in _TOKEN.findall(text[:120].replace("_", " "))]
    if not words or len(words) > MAX_WORDS:
        return False
    return any(word in _WORDS or word.endswith(_ENDINGS) for word in (words[0], words[-1])) or (
        "," in text and any(word in _WORDS for word in words)
    )


def asks(text: str) -> bool:
    """Return whether the name of a column says that it holds questions."""
    return _names_one_of(text, QUESTION)


def answers(text: str) -> bool:
    """Return whether the name of a column says that it holds answers."""
    return _names_one_of(text, ANSWER)


def _names_one_of(text: str, words: frozenset[str]) -> bool:
    found = [word.lower() for word in _TOKEN.findall(text[:80])]
    return 0 < len(found) <= 4 and (found[-1] in words or found[0] in words)
