"""The lexicon of priorities in languages other than English; `lexicon` explains each kind."""

from ai_service.domain.priority.levels import Priority

URGENCY: dict[Priority, str] = {
    "urgent": """
        dringend, dringende, dringender, dringendes, eilig, eilt, notfall, kritisch, urgente, urgentes, urgence,
        urgences, emergencia, critico, critica, critique, acil, acilen, spoed, spoedeisend, urgentemente, urgenza,
        emergenza, urgencia
    """,
    "high": """
        sofort, umgehend, schnell wie moglich, schnellstmoglich, immediatement, de suite, des que possible, au plus
        vite, le plus vite possible, inmediatamente, lo antes posible, cuanto antes, hemen, derhal, en kisa surede,
        snel mogelijk, onmiddellijk, il prima possibile, subito, imediatamente, o mais rapido possivel
    """,
    "medium": "wichtig, important, importante, onemli, belangrijk, frist",
}
"""`urgent` itself is also French and Dutch, and is listed among the English words."""

TROUBLE: dict[Priority, str] = {
    "urgent": """
        feuer, brennt, rauch, uberschwemmt, uberschwemmung, verletzt, bewusstlos, gasgeruch, eingeschlossen,
        incendie, fumee, inondation, inonde, blesse, blessee, fuite de gaz, incendio, humo, inundacion, herido,
        herida, fuga de gas, yangin, duman, su basti, yarali, gewond, overstroming, fumo, ferito, ferida, ferido
    """,
    "high": """
        niemand kann, keiner kann, nichts geht mehr, ausfall, ausgefallen, komplettausfall, stromausfall, kein
        strom, gehackt, gestohlen, datenverlust, personne ne peut, plus rien ne marche, plus rien ne fonctionne,
        panne generale, coupure de courant, nadie puede, corte de luz, robado, robada, hackeado, kimse calisamiyor,
        hicbir sey calismiyor, elektrik yok, calindi, niemand kan, niets werkt, gestolen, stroomstoring, nessuno
        puo, rubato, ninguem consegue, roubado
    """,
    "medium": """
        kaputt, defekt, geht nicht, gehen nicht, funktioniert nicht, funktionieren nicht, startet nicht, druckt
        nicht, abgesturzt, sturzt ab, gestort, storung, blockiert, kein internet, kein netz, keine verbindung, en
        panne, ne marche pas, ne marche plus, ne fonctionne pas, ne fonctionne plus, casse, cassee, bloque, bloquee,
        ne demarre pas, pas d internet, pas de connexion, roto, esta rota, no funciona, no funcionan, no arranca,
        averiado, averiada, bloqueado, bloqueada, sin internet, sin conexion, bozuk, bozuldu, calismiyor, acilmiyor,
        baglanamiyorum, internet yok, kapot, werkt niet, werken niet, geen internet, geen verbinding, rotto, rotta,
        non funziona, guasto, quebrado, quebrada, nao funciona, sem internet
    """,
}

SCOPE = """
    alle mitarbeiter, alle kollegen, alle nutzer, ganze firma, ganzen firma, ganze abteilung, ganzen abteilung,
    ganze team, ganze buro, ganzen buro, uberall, tout le monde, toute l entreprise, tous les utilisateurs, tous les
    collegues, toda la empresa, todos los usuarios, todos los empleados, todo el mundo, herkes, butun sirket, tum
    sirket, tum kullanicilar, iedereen, hele bedrijf, hele afdeling, tutta l azienda, tutti gli utenti, toda a
    empresa, todos os usuarios
"""

HARMLESS = """
    in notfallen, im notfall, in dringenden fallen, fur notfalle, en cas d urgence, en caso de emergencia, en caso
    de urgencia, acil durumda, acil durumlarda, acil cikis, notausgang, in geval van nood, bij spoed, in caso di
    emergenza, em caso de emergencia, brandschutz, feuerloscher, rauchmelder, sortie de secours, salida de
    emergencia
"""
