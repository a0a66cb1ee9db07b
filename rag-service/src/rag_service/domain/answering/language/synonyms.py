"""Words of one meaning that questions and tables use for the same thing, in six languages."""

SYNONYMS = """\
price cost costs fee fees charge charges rate pay pays paid amount tariff expensive preis kosten kostet gebühr
  betrag prix coût coûte tarif precio cuesta coste prezzo costa costo prijs kost kosten eur euro usd
phone telephone extension tel mobile call reach ring hotline number telefon durchwahl rufnummer telefonnummer
  nebenstelle téléphone poste appeler teléfono llamar telefono interno toestel telefoonnummer
email e-mail mail adresse mailadresse courriel correo
open opens opened opening hours close closes closed closing öffnet geöffnet öffnungszeiten schließt geschlossen
  ouvre ouvert ferme fermé horaires abre cierra horario apre chiude orari openingstijden sluit
where room location located place building floor seat sits raum zimmer ort gebäude standort stock etage sitzt
  salle lieu bureau sala lugar planta stanza luogo piano kamer plaats verdieping
owner responsible contact manager approves approve approver lead head charge verantwortlich zuständig
  ansprechpartner leiter leiterin leitung leitet genehmigt responsable approuve encargado responsabile verantwoordelijk
  goedkeurt
teacher teaches taught instructor tutor trainer coach lehrer lehrerin unterrichtet lehrkraft dozent dozentin
  kursleiter kursleiterin kursleitung professeur enseigne profesor profesora enseña docente insegna
date day deadline due until valid expires expire ends end starts start begin begins datum tag frist gültig
  fällig ende beginn verfällt läuft fecha plazo data scadenza termijn
meaning description cause reason problem fault bedeutung beschreibung ursache grund signification descripción
  significado significato betekenis oorzaak bedeutet signifie significa betekent
action fix solution remedy measure do help resolve repair maßnahme lösung abhilfe behebung beheben tun solución
  soluzione oplossing remède
stock quantity available left bestand menge lager vorrat vorrätig verfügbar disponible quantité cantidad voorraad
  giacenza
supplier vendor delivers supplies manufacturer maker lieferant hersteller liefert fournisseur proveedor
  fornitore leverancier
shipping postage versand versandkosten porto expédition envío verzending spedizione
deposit kaution pfand caution dépôt fianza depósito cauzione borg
holiday holidays vacation leave pto urlaub ferien congé congés vacances vacaciones ferie vakantie verlof
salary wage pay paid payday payroll gehalt lohn salaire salario stipendio salaris
limit maximum max most cap highest höchstens maximal grenze obergrenze límite limite massimo maximaal
minimum min least lowest mindestens minimal mindest mínimo minimo minimaal
allowed permitted may can erlaubt darf dürfen zulässig gestattet permis autorisé permitido permesso toegestaan
  mag
forbidden prohibited not verboten untersagt interdit prohibido vietato verboden
delete remove erase löschen entfernen supprimer eliminar borrar rimuovere verwijderen
change modify update edit ändern wechseln modifier cambiar cambiare wijzigen
buy purchase order procure kaufen bestellen acheter commander comprar pedir comprare kopen bestellen
warranty guarantee garantie gewährleistung garantía garanzia
refund reimbursement reimburse repay money erstattung rückerstattung remboursement reembolso rimborso
  terugbetaling
broken damaged defective faulty kaputt defekt beschädigt cassé roto rotto kapot
start boot launch begin starten démarrer iniciar avviare
renew renewed renewal extend prolong verlängern verlängert erneuern
notice cancel cancellation terminate termination quit kündigung kündigen kündigungsfrist stornieren résilier
  cancelar disdire opzeggen
free gratis complimentary kostenlos gratuit gratuito
car vehicle fleet auto wagen fahrzeug fuhrpark voiture coche macchina
boss manager supervisor vorgesetzter vorgesetzte chef
employee employees staff teammate teammates worker workers mitarbeiter mitarbeitende beschäftigte personal
  empleado dipendente medewerker
customer customers client clients kunde kunden cliente
old age years alter alt
weight weigh weighs heavy kg gewicht schwer poids peso gewicht
length long lang länge longueur largo lunghezza lengte
week weekly woche wöchentlich
month monthly monat monatlich
year yearly annual annually per-annum jahr jährlich
day daily tag täglich
branch store shop site filiale geschäft standort magasin boutique tienda sucursal negozio filiaal winkel location
use uses used user users utilizes nutzt benutzt nutzer benutzer utilise usa gebruikt whose
"""
"""A group begins at the start of a line, and goes on in indented ones."""
