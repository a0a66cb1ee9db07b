"""Words that decide whether a full stop ends a sentence, in the languages that help desks write most."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NEVER_LAST = _words(
    # English, and Latin that all use
    "mr mrs ms dr prof messrs eg ie cf vs viz approx incl excl esp attn dept ext tel fax no nos sec fig vol ch eq"
    " ver vers rev app para par chap pp resp max min misc ed eds est gen gov sgt capt hon st mt ft asst assoc temp"
    " op"
    # German
    " nr nrn hrn med lit rer phil jur bldg inv acct qty genn sett abs art ziff abb tab kap bd anl anm bsp bspw bzw"
    " bzgl betr ca evtl event"
    " ggf ggfs gem insb inkl exkl einschl ausschl lt lfd max mind mtl jährl monatl näml sog tägl telef usf vgl"
    " vorauss zzgl zzt zit zus zw hr fr dipl ing mag hrsg inh abt allg amtl begr bes dgl dt eigtl einz entspr erg"
    " ev geb gegr gesch gest gez jew kath kfm landw lat mio mrd nachm vorm öff österr pers pos rd rel röm schriftl"
    " schweiz selbst stellv techn tlw tsd urspr verh versch wg wiss wirtsch str std stk"
    # French
    " mm mme mlle env réf tél al av bd bld boul chap cf éd ex fig hab pl rés suiv tom éts ste st"
    # Spanish, Portuguese, Italian
    " sr sra srta sres dra dña ud uds núm nº pág págs aprox avda apdo dpto dto máx mín ej tfno teléf ref cap lic"
    " arq exmo exma séc av artt pag pagg sig sigg dott ing avv geom ecc es nn ss rag arch"
    # Dutch
    " blz bijv bijl bv dhr mevr mw mej drs jhr afd evt jl nl nr ong pag resp tav tnv vlg zgn zg"
    # Danish, Norwegian, Swedish
    " kl nr stk inkl ekskl exkl evt fx jf jfr kap pkt pst tlf afs ang bil hhv iht mht pga sml vedr udg gl bl fig"
    " sid forts ev resp st tel"
    # Czech, Slovak
    " čl odst písm např popř příp tzv tzn tj mj vč ul nám tř kpt obr pozn srov zák vyhl bc mgr mudr judr phdr rndr"
    " mvdr doc dop odd sv sl tel roč stol napr príp ods"
    # Polish
    " np tzw tj tzn ok ust pkt poz ul pl al os woj lok zob por ww godz tel inż mgr hab św gen płk wyd rozdz rys"
    " zał sygn"
    # Russian
    " стр ул тел им см рис табл напр др проф акад гл кв корп обл респ млн млрд тыс"
)
"""Abbreviations (lower-case, without the full stop) with something behind them."""

GOVERNING = _words(
    "mr mrs ms dr prof messrs mme mlle hr hrn fr sr sra sig dott dhr mevr mgr mudr judr st mt eg ie cf vs viz vgl bzw"
    " bsp"
    " bspw sog zgn tzv tzw zob esp incl inkl exkl"
)
"""Of these, titles and words that govern what follows, so that not even "The" behind them begins a sentence."""

SELDOM_LAST = _words(
    "inc ltd co corp jr plc llc gmbh str std stk min sek mio mrd tsd kr hod tys mies tel fax rd ave blvd sq stdn"
    " mon tue tues wed thu thur thurs fri sat sun mo di mi do fr sa so mån tis ons tors fre lör sön jan feb mar apr"
    " jun jul aug sep sept oct"
    " nov dec mär mrz okt dez janv févr fév avr juil déc ene abr ago dic gen mag giu lug ott fev out jän mrt des"
    " maj"
)
"""Abbreviations that end a sentence only where one begins behind them."""

OFTEN_LAST = _words("etc usw etcetera enz ecc osv atd apod itd itp stb ym jne mfl mm dgl usf ff")
"""Abbreviations that end a list: behind them a capital letter begins a sentence."""

ALSO_WORDS = _words(
    "tom odd rag gem lit no nos art fig sec ch est ed op par temp max min mar sat sun so do mo mi di sa fr app gen mag"
    " mon jan pos al"
    " es ext abs tab cap pl rev ver vol eq co st mt ft ref ex ut out des ok os por sl sv bil gl maj doc wed"
    " ago abr pp dto dt bes bv ang hab pag mind ev lat selbst pers rel resp kap nr"
)
"""Abbreviations that are words, too, or that end a remark: only a number behind them tells that they are meant so."""

UNITS = _words("kg mg km cm mm ml dl gb mb kb tb kwh kw mw hz khz mhz ghz db px pt h m s l g t w v a x n")
"""Units without a full stop of their own."""

MONTHS = _words(
    "january february march april may june july august september october november december januar jänner februar"
    " feber märz maerz mai juni juli oktober dezember janvier février mars avril juin juillet août septembre"
    " octobre novembre décembre januari februari maart mei augustus maj marts augusti január február március"
    " április május június július augusztus szeptember október jan feb mrz mär apr jun jul aug sep sept okt oct"
    " nov dez dec janv févr"
)
MONTHS_AND_WORDS = _words("may march mars mar sept dec jan nov")
"""Months that also are other words, so that a year or a sentence's end must follow."""

WEEKDAYS = _words(
    "monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays thursdays fridays"
    " saturdays sundays mon tue tues wed thu thur thurs fri sat sun montag dienstag mittwoch donnerstag freitag"
    " samstag sonntag"
)

COUNTED_NOUNS = _words(
    "stock stockwerk etage obergeschoss untergeschoss og ug geschoss mahnung mahnstufe quartal halbjahr jahr"
    " jahres jahrhundert monat monats monates woche tag tages stunde minute platz rang klasse auflage kapitel"
    " kapitels absatz satz buchstabe stufe schritt versuch rate advent advents werktag werktages werktags"
    " geburtstag lebensjahr lebensjahres semester teil ausgabe fassung zeile spalte abschnitt abschnitts etappe"
    " runde instanz lesung generation feiertag schuljahr dienstjahr geschäftsjahr vertragsjahr trimester person"
    " kind wahl version bauabschnitt monatsgehalt lieferung erinnerung verwarnung abmahnung verstoß weltkrieg"
    " senat kammer zivilsenat bezirk gang"
)
"""German nouns that often have an ordinal in front; a compound ends with one."""

BEFORE_ORDINALS = _words(
    "am vom zum zur beim im ins den dem der die das des ein eine einen einem einer eines jede jeder jedes jeden"
    " jedem dieser diese dieses diesem diesen unser unsere unserem unserer ihr ihre ihrem ihrer ihren sein seine"
    " seinem seiner pro je übers ums ans fürs"
)
"""German words that an ordinal follows."""

OPENERS = _words(
    "the a an in it he she this these that those they we you if when however but and for or so then there please"
    " after before while once until unless all any each no not only as at by from on to with your our their its my"
    " his her what who how why where which can do does is are will yes also otherwise click choose select open"
    " press note see use der die das den dem ein eine einen einem einer wenn sie er es wir ihr ich man diese"
    " dieser dieses danach dann davor dabei dafür damit daher darum deshalb anschließend zuvor sonst ansonsten"
    " bitte bei beim bis ab am auf aus für im mit nach ohne seit um und unter vom von vor wegen zu zum zur während"
    " aber auch als alle alles andere außerdem ausnahmen da dies doch falls hier hierfür hierzu ist sind wird"
    " werden kann können muss müssen darf dürfen hat haben ihre ihren ihrem ihrer unsere unser unseren jede jeder"
    " jedes jetzt kein keine keinen mehr nur noch nicht ob oder sobald sofern sollte solange trotzdem über weitere"
    " was wer wie wo wann warum welche welcher wobei zudem zusätzlich später früher spätestens frühestens ja nein"
    " le la les l un une des du il elle ils elles nous vous je ce cet cette ces si mais et ou donc pour par avec"
    " sans après avant dans en à au aux lorsque quand tout toute tous votre vos notre nos leur oui non ensuite"
    " puis el los las lo una unos y o pero se su sus nuestro este esta estos cuando para por con sin después antes"
    " gli i uno lei lui loro questo questa ma per senza dopo prima quando anche sì os uma ele ela você mas com sem"
    " depois de het een hij zij wij u dan daarna maar voor met na bij op dit deze wat waar hoe nee det ett jeg jag"
    " han hun hon vi ni og och men hvis om når med efter etter til på deretter ten ta ti ty po v ve od za pokud"
    " když pak ale nebo aby jak kde kdo proč ano ne w z ze jeśli gdy potem lub dla przed gdzie kto dlaczego tak"
    " nie он она они это если но и в на с по для после затем"
)
"""Words that begin sentences, and seldom are names or nouns."""
