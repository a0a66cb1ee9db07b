"""The words with which questions in German, French, Spanish, Italian and Dutch ask for a kind of answer.

Each pattern is searched in the whole question, whatever its language: words of different languages rarely coincide.
"""

_DE_AMOUNTS = (
    r"preis|betrag|gebühr|frist|anzahl|zahl|menge|dauer|grenze|rabatt|alter|höhe|größe|länge|gewicht|temperatur"
    r"|geschwindigkeit|summe|zuschlag|prozentsatz|satz|kosten|abstand|lohn|gehalt|miete|kaution"
)
_FR_AMOUNTS = (
    r"prix|coût|montant|tarif|durée|nombre|taux|délai|limite|âge|quantité|préavis|somme|poids|taille|hauteur|longueur"
    r"|largeur|température|vitesse|pourcentage|supplément|remise|prime|salaire|loyer|caution|acompte|distance"
)
_ES_AMOUNTS = (
    r"precio|coste|costo|importe|plazo|número|tarifa|límite|duración|edad|cantidad|suma|peso|tamaño|altura|temperatura"
    r"|velocidad|porcentaje|descuento|recargo|sueldo|fianza|distancia"
)
_IT_AMOUNTS = (
    r"prezzo|costo|importo|tariffa|durata|limite|età|quantità|somma|peso|dimensione|altezza|temperatura|velocità"
    r"|percentuale|sconto|stipendio|cauzione|preavviso|distanza"
)
_NL_AMOUNTS = (
    r"prijs|kosten|bedrag|tarief|duur|limiet|leeftijd|aantal|hoeveelheid|som|gewicht|grootte|hoogte|temperatuur"
    r"|snelheid|percentage|korting|toeslag|loon|borg|termijn|opzegtermijn|afstand"
)
_FR_ASKS = r"qui|quoi|quel(?:le)?s?|où|quand|comment|combien|pourquoi"

CONTACT = (
    r"\b(?:telefonnummer|durchwahl|rufnummer|e-?mail(?:-?adresse)?|hotline|faxnummer|handynummer)\b"
    r"|\bwelche[rs]? (?:telefon|handy|fax|ruf|notruf)?(?:nummer|adresse|durchwahl)\b"
    r"|\b(?:numéro|téléphone|courriel|adresse|poste) (?:de|du|des|pour)\b|\bquel(?:le)? (?:numéro|adresse|poste)\b"
    r"|\b(?:teléfono|correo|extensión|número) (?:de|del|para)\b|\bqué (?:número|dirección|teléfono)\b"
    r"|\b(?:telefono|indirizzo|numero|interno) (?:di|del|della|per)\b|\bquale (?:numero|indirizzo)\b"
    r"|\b(?:telefoonnummer|toestel|nummer|e-mailadres) (?:van|voor)\b|\bwelk (?:\w+nummer|nummer|adres)\b"
)
AMOUNT = (
    r"\bwie ?(?:viele?[nrms]?|hoch|lange?|oft|groß|gross|schwer|weit|breit|alt|teuer|schnell|tief|warm|dick|stark)\b"
    r"|\bwas (?:kost(?:et|en|ete|eten)|zahl(?:e|en|t)|bezahl(?:e|en|t)|krieg(?:e|en|t)|bekomm(?:e|en|t)"
    r"|verdien(?:e|en|t))\b"
    r"|\bwas (?:darf|dürfen|muss|wird|soll) .{1,60}\bkosten\b"
    rf"|\bwelche[mnrs]? (?:\w+ )?\w*(?:{_DE_AMOUNTS})\b"
    rf"|\bcombien\b|\bquel(?:le)?s? (?:est|sont|sera|serait) (?:le|la|les|l['’]) ?(?:{_FR_AMOUNTS})s?\b"
    rf"|\bquel(?:le)?s? (?:{_FR_AMOUNTS})s?\b"
    rf"|\bcuánt[oa]s?\b|\bcuál es (?:el|la) (?:{_ES_AMOUNTS})\b|\bqué (?:{_ES_AMOUNTS})\b"
    rf"|\bquant[oaie]\b|\bqual è (?:il |la |l['’])(?:{_IT_AMOUNTS})\b|\bche (?:{_IT_AMOUNTS})\b"
    r"|\bhoe ?(?:veel|lang|vaak|hoog|groot|duur|oud|zwaar|ver)\b|\bwat kost(?:en)?\b"
    rf"|\bwelke? (?:{_NL_AMOUNTS})\b|\bwat is (?:de|het) (?:{_NL_AMOUNTS})\b"
)
TIME = (
    r"\bwann\b|\b(?:um wie ?viel|ab wie ?viel|bis wie ?viel) uhr\b"
    r"|\bwelche[mnrs]? (?:\w+ )?(?:tag|tagen|wochentag|wochentagen|datum|monat|jahr|uhrzeit|zeit|termin)\w*\b"
    r"|\böffnungszeiten\b|\bwie spät\b"
    r"|\bquand\b|\bquelle heure\b|\bquels? jours?\b|\bquelle (?:date|heure|période|année)\b|\bquel (?:mois|moment)\b"
    r"|\bquels (?:sont les |seront les )?horaires\b|\bdans quel délai\b"
    r"|\bcuándo\b|\bqué hora\b|\bqué (?:días?|fecha|mes|año)\b|\bqué horario\b"
    r"|\bquando\b|\bche ora\b|\b(?:che|quale|quali) (?:giorn[oi]|data|mese|anno|orari[o]?)\b"
    r"|\bwanneer\b|\bhoe laat\b|\b(?:welke|op welke) (?:dag(?:en)?|datum|maand|tijd)\b|\bopeningstijden\b"
)
PERSON = (
    r"\b(?:wer|wem|wen|wessen)\b"
    r"|\bwelche[mnrs]? (?:person|abteilung|team|stelle|mitarbeiter|kolleg|firma|ansprechpartner|arzt|ärzt)\w*"
    r"|\b(?:à|de|avec|pour|chez|par|contre|sur) qui\b|^\W*qui\b"
    r"|\bquel(?:le)? (?:personne|service|équipe|collègue|responsable|société|entreprise)\b"
    r"|\bqui[eé]n(?:es)?\b|\bqué (?:persona|departamento|equipo|empresa)\b"
    r"|\bchi\b|\bquale (?:persona|reparto|ufficio|ditta)\b"
    r"|\b(?:aan|bij|met|door|van|voor) wie\b|^\W*wie (?:is|zijn|mag|kan|moet|heeft|betaalt|beslist|was|regelt|keurt"
    r"|zorgt|doet|gaat)\b"
)
PLACE = (
    r"\b(?:wo|wohin|woher)\b"
    r"|\bwelche[mnrs]? (?:raum|gebäude|stadt|zimmer|ordner|stock|stockwerk|etage|saal|ort|halle|straße|adresse)\w*"
    r"|\boù\b|\bquel(?:le)? (?:salle|bâtiment|bureau|pièce|ville|étage|rue|endroit|lieu|dossier|adresse)\b"
    r"|\bd[óo]nde\b|\bqué (?:sala|edificio|oficina|ciudad|planta|calle|lugar|carpeta)\b"
    r"|\bdove\b|\b(?:che|quale) (?:sala|edificio|ufficio|città|piano|via|luogo|stanza)\b"
    r"|\bwaar(?:heen)?\b|\bwelke? (?:kamer|gebouw|zaal|stad|verdieping|straat|plaats|map)\b"
)
STEPS = (
    r"\bwie (?:kann|können|muss|müssen|soll|sollen|geht|läuft|funktioniert|wird|werden|gehe|verfahre)\b"
    r"|\bwie \w+e ich\b|\bwie (?!sind|wären|heißen|lauten)\w+en (?:wir|sie)\b"
    r"|\bwie (?!ist|war|heißt|lautet|steht)\w+t (?:man|ihr)\b"
    r"|\bwas (?:muss|soll|kann|mache|tue) (?:ich|man|wir)?\b.{0,60}\b(?:tun|machen|beachten)?\W*$|\bwas tun\b"
    r"|\bwas (?:muss|soll|kann|sollte|müssen|sollen) (?:ich|man|wir) (?:tun|machen|beachten)\b"
    r"|\bwas (?:mache|tue|machen|tun) (?:ich|wir)\b|\bwas ist zu (?:tun|machen|beachten)\b|\banleitung\b|\bvorgehen\b"
    r"|\bcomment\b(?! s['’]appell)|\bque (?:faire|(?:dois|doit|peut|puis|faut)-(?:je|on|il) faire)\b"
    r"|\bqu['’]est-ce qu(?:e |['’])\W*(?:je|on|nous|il)\b.{0,30}\b(?:fai\w+|faut)\b"
    r"|\bcómo\b|\bqué (?:hago|hacemos|debo hacer|hay que hacer|(?:tengo|tenemos|tiene) que hacer|puedo hacer"
    r"|se hace)\b"
    r"|\bcome (?:si (?!chiama)|mi |posso|faccio|devo|possiamo|dobbiamo|fare|funziona)"
    r"|\b(?:che )?cosa (?:devo|posso|bisogna|si deve|dobbiamo) fare\b|\bche (?:faccio|fare)\b"
    r"|\bhoe (?:kan|moet|doe|werkt|ga|meld|\w+) (?:ik|je|we|wij|u|men)\b|\bhoe werkt\b|\bwat (?:moet|kan) (?:ik|je|we)"
    r"(?: (?:doen|nu))?\b"
)
REASON = r"\b(?:warum|wieso|weshalb|weswegen|pourquoi|por qué|perché|come mai|waarom)\b"
DECISION = (
    r"^\W*(?:ist|sind|war|kann|können|könnte|darf|dürfen|muss|müssen|gibt|hat|habe|haben|wird|werden|soll|sollen|sollte"
    r"|bekomme|gilt|gelten|brauche|werde|lohnt|steht|stehen|braucht)\b"
    r"|^\W*(?!w[eaio]\w* |the )\w{2,}(?:e|t|st|en) (?:ich|wir|ihr|sie|man|du|mir|uns|sich)\b"
    r"|^\W*(?!w[eaio]\w* )\w{3,}t (?:die|das|mein\w*|eine?n?|jemand) .*\?\W*$"
    r"|^\W*(?:(?:bonjour|salut|et|mais|alors|sinon|donc)\W+)*est-ce qu"
    rf"|^(?!.*\b(?:{_FR_ASKS})\b|\W*que\b|.*\bqu['’]est).*"
    r"(?:\best-ce qu|\w-(?:t-)?(?:je|tu|il|elle|on|nous|vous|ils|elles)\b)"
    rf"|^\W*(?:je|on|nous|vous|c['’]est)\b(?!.*\b(?:{_FR_ASKS}|what|which|how)\b).*\?\W*$"
    r"|^\W*¿(?!.*\b(?:qu[eé]|cu[aá]\w+|c[oó]mo|d[oó]nde|qui[eé]n\w*|por qué)\b)"
    r"|^\W*(?!w|hoe)[^\W\d_]+ (?:jullie|ik|wij)\b"
    r"|^¿?\W*(?:puedo|puede|pueden|podemos|es|son|hay|tengo|tiene|tenemos|debo|se puede|está|están|existe|hace falta)\b"
    r"|^\W*(?:posso|può|possiamo|si può|si possono|è|c['’]è|ci sono|devo|dobbiamo|sono|ho|ha|avete)\b"
    r"|^\W*(?:kan|mag|moet|is|zijn|heeft|heb|hebben|wordt|mogen|kunnen|moeten|bestaat|krijg|krijgen)\b"
)
