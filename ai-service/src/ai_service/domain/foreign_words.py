"""Words of other languages that are evidence for a seeded department. Only words of one sense are listed."""

from functools import lru_cache

from ai_service.domain.folding import words_in

FOREIGN_WORDS: dict[str, dict[str, str]] = {
    "de": {
        "IT Support": """
            anmeldung benutzerkonto bildschirm* drucker* netzwerk* netzlaufwerk* passwort* passwörter
            rechner tastatur* zugangsdaten internetverbindung wlan softwarelizenz*
        """,
        "HR": """
            arbeitsvertrag* arbeitszeugnis* elternzeit elterngeld gehalt gehalts* krankmeldung* kündigung*
            lohn lohnabrechnung* mutterschutz urlaub* resturlaub* jahresurlaub* überstunden
            krankgeschrieben personalabteilung fortbildung* bewerbung*
        """,
        "Facilities": """
            aufzug* fahrstuhl* heizung* klimaanlage* toilette* waschbecken wasserhahn* deckenlampe*
            glühbirne* bürostuhl* bürostühle parkplatz* türschloss rohrbruch* teppich* steckdose*
            mülleimer hausmeister* reinigung*
        """,
        "Finance": """
            rechnung rechnungen rechnungs* reisekosten* spesen* mahnung* überweisung* lieferant*
            mehrwertsteuer umsatzsteuer steuern steuererklärung buchhaltung* kreditkarte* rückerstattung*
            bestellnummer* gutschrift*
        """,
    },
    "fr": {
        "IT Support": """
            imprimante* ordinateur* clavier* messagerie logiciel* réseau identifiants navigateur mot_de_passe
        """,
        "HR": """
            congés salaire* paie recrutement embauche démission mutuelle fiche_de_paie contrat_de_travail
            arrêt_maladie ressources_humaines congé_parental congé_maternité bulletin_de_salaire
        """,
        "Facilities": """
            ascenseur* chauffage climatisation robinet* toilettes lavabo* ampoule* moquette radiateur*
            plafond serrure* fuite_d_eau place_de_parking
        """,
        "Finance": """
            facture* remboursement* fournisseur* comptabilité virement* tva note_de_frais notes_de_frais
            bon_de_commande carte_bancaire impôts
        """,
    },
    "es": {
        "IT Support": """
            contraseña* impresora* ordenador* computadora* teclado* portátil* servidor* correo_electrónico
            navegador
        """,
        "HR": """
            vacaciones nómina* salario* sueldo* maternidad paternidad contratación baja_médica
            recursos_humanos contrato_de_trabajo
        """,
        "Facilities": """
            ascensor* calefacción aire_acondicionado grifo* inodoro* fuga_de_agua bombilla* lavabo*
            estacionamiento aparcamiento cerradura* gotera*
        """,
        "Finance": """
            factura factura* reembolso* proveedor* contabilidad impuesto* iva gastos_de_viaje
            tarjeta_de_crédito transferencia_bancaria orden_de_compra
        """,
    },
    "tr": {
        "IT Support": "şifre şifrem* şifresi* parola* yazıcı* bilgisayar* klavye* sunucu* internete yazılım*",
        "HR": """
            maaş maaşım* maaşı maaşlar* bordro* yıllık_izin yıllık_iznim yıllık_iznimi doğum_izni istifa*
            insan_kaynakları
        """,
        "Facilities": "asansör* kalorifer* klima* tuvalet* musluk* musluğu lavabo* ampul* otopark* temizlik*",
        "Finance": "fatura* muhasebe* masraf* vergi vergisi ödeme* tedarikçi* kredi_kartı*",
    },
}
"""By language and seeded department. A word with a star is a prefix; one with underscores is a phrase."""

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


@lru_cache(maxsize=16)
def words_of_language(language: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return whole words (or phrases, joined by blanks) and prefixes of words, each with its seeded department."""
    whole: dict[str, str] = {}
    prefixes: dict[str, str] = {}
    for department, text in FOREIGN_WORDS.get(language, {}).items():
        for entry in text.split():
            for spelling in (entry, entry.translate(_UMLAUTS)):
                word = " ".join(words_in(spelling.replace("_", " ")))
                (prefixes if entry.endswith("*") else whole)[word] = department
    return whole, prefixes
