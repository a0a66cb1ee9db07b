"""Questions in five languages, as people type them, and the kind of answer that they ask for."""

import pytest
from rag_service.domain.answering.answer_kind import asked_kind

QUESTIONS = """\
decision Bieten Sie auch Ratenzahlung an?
decision Nehmt ihr Kreditkarten?
decision Bekommt man einen Parkausweis?
decision Zahlt die Firma das Jobticket?
decision Liefert ihr nach Österreich?
decision Steht mir Sonderurlaub zu?
decision Lohnt sich das?
decision Werde ich benachrichtigt?
decision Sollte ich vorher anrufen?
decision Braucht man dafür eine Genehmigung?
decision Ist der Eintritt frei?
decision Übernimmt die Kasse die Kosten?
decision Muss man sich anmelden?
time Ab wann gilt der neue Tarif?
time Bis wann muss ich kündigen?
time Wann macht ihr zu?
time Um wie viel Uhr beginnt der Kurs?
time An welchem Tag kommt die Müllabfuhr?
time Welcher Tag ist Ruhetag?
time Bis zu welchem Datum läuft die Anmeldung?
time Ab welcher Uhrzeit ist geöffnet?
amount Wie viel kostet ein Ersatzschlüssel?
amount Was zahle ich für ein Kind?
amount Was kriege ich dafür?
amount Wie lange dauert die Probezeit?
amount Wie teuer ist das?
amount Wie hoch ist der Zuschlag?
amount Ab wie vielen Personen gibt es Rabatt?
amount Welche Frist gilt für den Widerruf?
amount Wieviele Tage Urlaub gibt es?
amount Wie weit ist es bis zum Bahnhof?
amount Ab welchem Alter darf man mitmachen?
amount Bis zu welchem Betrag darf ich selbst bestellen?
person Wer ist mein Ansprechpartner?
person An wen wende ich mich?
person Wem muss ich das melden?
person Bei wem melde ich mich krank?
person Mit wem spreche ich darüber?
person Welcher Kollege kümmert sich darum?
place Wo finde ich das Formular?
place Wohin schicke ich die Rechnung?
place In welchem Gebäude ist die Kantine?
place Woher bekomme ich einen Schlüssel?
steps Wie melde ich mich an?
steps Wie kann ich mein Passwort ändern?
steps Was mache ich bei Feuer?
steps Was muss ich tun, wenn ich krank bin?
steps Wie läuft die Bestellung ab?
steps Wie geht man vor, wenn etwas fehlt?
steps Wie bewerbe ich mich?
reason Warum ist das Tor zu?
contact Unter welcher Nummer erreiche ich die Werkstatt?
contact Wie lautet die E-Mail-Adresse der Buchhaltung?
contact Welche Durchwahl hat Frau Berg?
decision L'inscription est-elle payante ?
decision Acceptez-vous les chèques ?
decision Livrez-vous à domicile ?
decision Est-il permis de fumer ?
decision Les chiens sont-ils admis ?
decision Doit-on réserver ?
decision Est-ce que je peux payer en espèces ?
decision Avez-vous un parking ?
decision Faut-il un certificat ?
decision Ai-je droit à une prime ?
decision La cantine est-elle ouverte le samedi ?
decision Peut-on venir avec un enfant ?
decision C'est ouvert le dimanche ?
decision On peut payer par carte ?
decision Je peux annuler ma commande ?
time Quand ferme le magasin ?
time À partir de quand puis-je réserver ?
time Jusqu'à quelle date puis-je annuler ?
time Quel jour passe le camion ?
time Quels sont les horaires ?
time Dans quel délai serai-je livré ?
amount Combien coûte l'abonnement ?
amount C'est combien pour deux personnes ?
amount Quel est le prix du repas ?
amount Quelle est la durée de la garantie ?
amount Quel âge faut-il avoir ?
amount Pendant combien de temps garde-t-on les objets trouvés ?
amount Quel montant est remboursé ?
amount À partir de quel montant la livraison est-elle gratuite ?
amount Quelle quantité puis-je commander ?
amount Quel préavis faut-il respecter ?
person Qui dois-je prévenir ?
person À qui faut-il s'adresser ?
person Qui s'occupe des commandes ?
person Qui est-ce qui valide les devis ?
person Chez qui récupère-t-on la clé ?
place Où se trouve l'infirmerie ?
place Dans quelle salle a lieu la réunion ?
place Où est-ce qu'on range les clés ?
steps Comment faire une réclamation ?
steps Que faire en cas d'incendie ?
steps Qu'est-ce que je dois faire si je suis malade ?
steps Comment est-ce que je réserve une salle ?
reason Pourquoi la porte est-elle fermée ?
contact Quel est le numéro de la sécurité ?
contact À quelle adresse envoyer le colis ?
contact À quel numéro puis-je vous joindre ?
decision ¿Se puede pagar con tarjeta?
decision ¿Aceptan mascotas?
decision ¿Tengo que reservar?
decision ¿Hay aparcamiento?
decision ¿Está abierto el lunes?
decision ¿Me devuelven el dinero?
decision ¿Hace falta cita?
time ¿A partir de qué hora abren?
time ¿Hasta cuándo puedo cancelar?
time ¿En qué fecha es la fiesta?
amount ¿Qué precio tiene la entrada?
amount ¿Cuánto dura el curso?
amount ¿Cuál es el plazo de entrega?
person ¿Con quién hablo?
place ¿En qué sala es la reunión?
steps ¿Qué hago si pierdo la tarjeta?
steps ¿Cómo me doy de baja?
decision È possibile parcheggiare?
decision Si può fumare?
time A che ora aprite?
time Entro quando devo pagare?
amount Quanto costa il biglietto?
amount Quanti giorni di ferie ho?
person Chi devo avvisare?
person A chi mi rivolgo?
place Dove si trova la mensa?
steps Come posso iscrivermi?
decision Kan ik met pin betalen?
decision Plaatsen jullie ook zonnepanelen?
decision Moet ik reserveren?
decision Zijn honden toegestaan?
time Wanneer gaan jullie open?
time Tot wanneer kan ik annuleren?
amount Hoeveel vakantiedagen heb ik?
amount Hoe lang duurt de cursus?
person Wie moet ik bellen?
person Bij wie meld ik me ziek?
place Waar vind ik het formulier?
steps Hoe meld ik me aan?
steps Wat moet ik doen bij brand?
anything Preis von Holkirk Rohr?
anything Prix de la vitre ?
anything prezzo della porta
time Bonjour, quand est-ce que le magasin ouvre ?
steps Der Drucker im Flur zeigt immer wieder Fehler an.
time On which days is the pool open?
place On which floor is Room 132?
amount Which size does the coat come in?
"""


@pytest.mark.parametrize(("kind", "question"), [line.split(" ", 1) for line in QUESTIONS.splitlines()])
def test_each_language_asks_in_its_own_words(kind: str, question: str) -> None:
    assert asked_kind(question) == kind
