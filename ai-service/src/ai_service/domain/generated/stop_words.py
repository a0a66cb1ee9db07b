"""Made by scripts/word_lists.py, not by hand: function words by language, folded.

From the library stop-words 2025.11.4 (BSD-3-Clause, Alireza Savand and contributors); of its English list those that
one of 200 texts of clapnq_dev_answers (Apache-2.0) holds.
"""

STOP_WORDS: dict[str, str] = {
    "en": """
        10 a able about above according across act actually ad added adopted affected after again against al
        all allow allows almost alone along already also although always am among amount an and another any
        anything apparently appear approximately are area areas around as associated at available away b
        back be became because become becomes becoming been before began begin beginning begins behind being
        believe below best better between big bill billion both but by c ca call came can case cases cause
        causes certain changes clear clearly close co com come comes computer contain contains could course
        currently d date de describe described despite did different do does doing done down due during e
        each early effect either elsewhere empty end ended ends enough especially even ever every everyone
        everything ex example except f face fact far few fifth find finds fire first five followed following
        follows for former found four free from front full further g gave general generally get gets getting
        give given gives giving go goes going good goods got great greater greatest group groups h had half
        happens has have having he help hence her here herself high higher highest him himself his home how
        however hundred i if ii immediately important in including information inside instead interest
        interested into is it its itself j join just k keep kept kind km knew know known knows la large
        largely last later latter least length less let like likely line little long longer look looking
        looks low lower m made mainly make makes making man many may me mean means meanwhile member members
        men might million more most mostly move mr much must my n name near nearly necessary need needed
        needs never new next no non not novel now number numbers o of off often old older oldest on once one
        ones only open opened opening opens or order orders other others otherwise our out outside over
        overall own p page part particular particularly parts past per perhaps place placed places please
        point points possible present presented previously primarily prior probably problems provided
        provides put quickly r rather re really recent recently related relatively research resulting
        results right room round run s said same saw say saying says second section see seeing seen sees
        self sent seven several she should show shown shows side significant similar similarly since site
        six slightly small smaller so some someone something sometimes soon specifically st state states
        still stop sub such system t take taken taking tell ten terms test than that the their them
        themselves then there therefore these they thing things think third this those though thought three
        through throughout thus to today together too took top towards tries trying turn turned tv two u uk
        under unless unlike until up upon us use used uses using usually v value various ve very via w
        wanted wants was way ways we website well went were what when where whether which while who whole
        whom whose why widely will with within without won words work working works world would year years
        you young your
    """,
    "de": """
        aber alle allem allen aller alles als also am an ander andere anderem anderen anderer anderes anderm
        andern anders auch auf aus bei bin bis bist da dadurch daher damit dann darum das dass dasselbe dazu
        dein deine deinem deinen deiner deines dem demselben den denn denselben der derer derselbe derselben
        des deshalb desselben dessen dich die dies diese dieselbe dieselben diesem diesen dieser dieses dir
        doch dort du durch ein eine einem einen einer eines einig einige einigem einigen einiger einiges
        einmal er es etwas euch euer eure eurem euren eurer eures fur gegen gewesen hab habe haben hat hatte
        hatten hattest hattet hier hin hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer ihres im in indem
        ins ist ja jede jedem jeden jeder jedes jene jenem jenen jener jenes jetzt kann kannst kein keine
        keinem keinen keiner keines konnen konnt konnte machen man manche manchem manchen mancher manches
        mein meine meinem meinen meiner meines mich mir mit muss mussen musst musste nach nachdem nein nicht
        nichts noch nun nur ob oder ohne sehr seid sein seine seinem seinen seiner seines selbst sich sie
        sind so solche solchem solchen solcher solches soll sollen sollst sollt sollte sondern sonst soweit
        sowie uber um und uns unser unsere unserem unseren unserer unseres unter viel vom von vor wahrend
        wann war waren warst warum was weg weil weiter weitere welche welchem welchen welcher welches wenn
        wer werde werden werdet weshalb wie wieder wieso will wir wird wirst wo woher wohin wollen wollte
        wurde wurden zu zum zur zwar zwischen
    """,
    "fr": """
        a ai aie aient aies ait alors amp apres as attendu au aucun aucuns auec aura aurai auraient aurais
        aurait auras aurez auriez aurions aurons auront aussi autre autres aux avaient avais avait avant
        avec avez aviez avions avoir avons ayant ayante ayantes ayants ayez ayons bien bon c c. ca ca. car
        ce ceci cela ces cet cette ceux chaque chez chose choses ci circa comme comment concernant contre d
        d' dans de debut dedans dehors dello depuis derriere des dessous dessus deux devant devers devoir
        devrait devrez devriez devrions devrons devront dire dixit dois doit donc dont dos droite du durant
        elle elles emmi en encore endeans entenant entre envers environ es essai est estre et etaient etais
        etait etant etante etantes etants etat ete etee etees etes etiez etions etre etreau eu eue eues
        eumes eurent eus eusse eussent eusses eussiez eussions eut eutes eux excepte faire fais faisez fait
        faites faut fois font force fors fumes furent fus fusse fussent fusses fussiez fussions fut futes
        grande haut hormis hors ici ie il ils im j je joignant jouxte jusque juste l l' la le les leur leurs
        lez lors lui luy m ma maintenant mais malgre me meme mes mesme mine moi moins mon mot moyennant n n'
        ne ni nom nomme nommee nommes nonobstant nos notre nous nouveau nouveaux on ont or ou outre par
        parce parmi parole pas passe pendant personne personnes peu peut piece plein plupart plus plusieurs
        point pour pourquoi pourquoy puis qu qu' quand que quel quelle quelles quels qui quoy rez s sa sans
        sauf se selon sera serai seraient serais serait seras serez seriez serions serons seront ses
        seulement si sien soi soient sois soit sommes son sont sous soyez soyons sub suis suivant sujet sur
        t ta tandis te tellement tels tes toi ton touchant tous tout toutes tres trop tu un une valeur vers
        versus via vn vne voici voie voient voila vois voit vont vos votre vous vs vu y
    """,
    "es": """
        a acerca actualmente adelante ademas adonde aestarian afirmo agrego ahi ahora al algo algun alguna
        algunas alguno algunos allende alrededor ambos amen ampleamos anadio ante anterior antes apenas
        aproximadamente aquel aquellas aquellos aqui arriba aseguro asi atras aun aunque ayer bajo bastante
        bien buen buena buenas bueno buenos cabe cabo cada casi cerca cierta ciertas cierto ciertos cinco
        circa comento como con conmigo connosco conocer conseguimos conseguir considera considero consigo
        consigue consiguen consigues contigo contra convosco convusco cosas creo cual cuales cualquier
        cuando cuanto cuatro cuenta da dado dan dar de debe deben debido decir dejante dejo del delas demas
        dentro desde despues dice dicen dicho dieron diferente diferentes dijeron dijo dio donde dos durante
        e ejemplo el ella ellas ello ellos embargo empleais emplean emplear empleas empleo en encima
        encuentra entonces entre era erais eramos eran erar eras eres es esa esas ese eso esos esta estaba
        estabais estabamos estaban estabas estad estada estadas estado estados estais estamos estan estando
        estar estara estaran estaras estare estareis estaremos estaria estariais estariamos estarian
        estarias estas este esteis estemos esten estes esto estos estoy estuve estuviera estuvierais
        estuvieramos estuvieran estuvieras estuvieron estuviese estuvieseis estuviesemos estuviesen
        estuvieses estuvimos estuviste estuvisteis estuvo ex excepto existe existen explico expreso fin fue
        fuera fuerais fueramos fueran fueras fueron fuerza fuese fueseis fuesemos fuesen fueses fui fuimos
        fuiste fuisteis gran grandes gueno ha habeis haber habia habiais habiamos habian habias habida
        habidas habido habidos habiendo habra habran habras habre habreis habremos habria habriais habriamos
        habrian habrias hace haceis hacemos hacen hacer hacerlo haces hacia haciendo hago han has hasta hay
        haya hayais hayamos hayan hayas haz he hecho hemo hemos hicieron hizo hoy hube hubiera hubierais
        hubieramos hubieran hubieras hubieron hubiese hubieseis hubiesemos hubiesen hubieses hubimos hubiste
        hubisteis hubo igual incluso indico informo intenta intentais intentamos intentan intentar intentas
        intento ir junto la lado largo las le les llego lleva llevar lo los luego lugar manera manifesto mas
        mayor me mediante mejor menciono menos mi mia miar mias mientras mio mios mis misma mismas mismo
        mismos modo modode momento mucha muchas mucho muchos muy na nada nadie ni ningun ninguna ningunas
        ninguno ningunos no nos nosotras nosotros nuestra nuestras nuestro nuestros nueva nuevas nuevo
        nuevos nunca o ocho os otra otras otro otros pa pa' par para parece parte partir pasada pasado pero
        pesar poca pocas poco pocos podeis podemos poder podra podran podria podriais podriamos podrian
        podrias poner por porque posible primer primera primero primeros principalmente pro propia propias
        propio propios proximo proximos pudo pueda puede pueden puedo pues que quedo queremos quien quienes
        quiere realizado realizar realizo respecto sabe sabeis sabemos saben saber sabes salvo se sea seais
        seamos sean seas segun segunda segundo seis senalo sentid sentida sentidas sentido sentidos sentir
        ser sera seran seras sere sereis seremos seria seriais seriamos serian serias si sido siempre siendo
        siente siete sigue siguiente sin sino sintiendo so sobre sois sola solamente solas solo solos somos
        son soy su sus suya suyas suyo suyos tal tambien tampoco tan tanto te tendra tendran tendras tendre
        tendreis tendremos tendria tendriais tendriamos tendrian tendrias tened teneis tenemos tener tenga
        tengais tengamos tengan tengas tengo tenia teniais teniamos tenian tenias tenida tenidas tenido
        tenidos teniendo tercera ti tiempo tiene tienen tienes toda todas todavia todo todos total trabaja
        trabajais trabajamos trabajan trabajar trabajas trabajo tras trata traves tres tu tus tuve tuviera
        tuvierais tuvieramos tuvieran tuvieras tuvieron tuviese tuvieseis tuviesemos tuviesen tuvieses
        tuvimos tuviste tuvisteis tuvo tuya tuyas tuyo tuyos ultima ultimar ultimas ultimo ultimos un una
        unas uno unos usa usais usamos usan usar usas uso usted va vais valor vamos van varias varios vaya
        veces ver verdad verdadera verdadero versus vez via vosostras vosostros vosotras vosotros voy
        vuestra vuestras vuestro vuestros vusco y ya yo
    """,
    "tr": """
        acaba altmyþ alty ama bana bazy belki ben benden beni benim beþ bin bir biri birkac birkez birþey
        birþeyi biz bizden bizi bizim bu buna bunda bundan bunu bunun cok cunku da daha dahi de defa diye
        doksan dokuz dort elli en gibi hem hep hepsi her hic icin iki ile insermi ise katrilyon kez ki kim
        kimden kime kimi kyrk milyar milyon mu my nasyl ne neden nerde nerede nereye nicin niye on ona ondan
        onlar onlardan onlari onlaryn onu otuz sanki sekiz seksen sen senden seni senin siz sizden sizi
        sizin trilyon tum uc ve veya ya yani yedi yetmiþ yirmi yuz þey þeyden þeyi þeyler þu þuna þunda
        þundan þunu
    """,
    "it": """
        a abbia abbiamo abbiano abbiate accanto ad adesso agl agli ai al alcun alcuno all all' alla alle
        allo allora altra altre altri altro anche ancora appo assai avemmo avendo avere avesse avessero
        avessi avessimo aveste avesti avete aveva avevamo avevano avevate avevi avevo avra avrai avranno
        avrebbe avrebbero avrei avremmo avremo avreste avresti avrete avro avuta avute avuti avuto avverso
        ben bene buono c c' ch' che chi ci cinque cio co' cogli coi col colla colle collo come comprare con
        consecutivi consecutivo contro cosa cosi cosi" cui cui" d' da dagl dagli dai dal dall dall' dalla
        dalle dallo de de' degl degli dei del dell dell' della delle dello dentro deve devo di dopo doppio
        dov dove due duo durante e ebbe ebbero ebbi eccetto ecco ed egli entro era erano eravamo eravate eri
        ero essendo essere et faccia facciamo facciano facciate faccio facemmo facendo facesse facessero
        facessi facessimo faceste facesti faceva facevamo facevano facevate facevi facevo fai fanno fara
        farai faranno fare farebbe farebbero farei faremmo faremo fareste faresti farete faro fece fecero
        feci fine fino fosse fossero fossi fossimo foste fosti fra fu fui fummo fuori furono gente gia gia"
        giu giu" gli gran grande ha hai hanno ho i il in indi indietro infra invece io l l' la lavoro le lei
        li lo loro lui lungo ma maggior maggiore mai malgrado me meco meglio mi mia mie miei mio molta molti
        molto ne ne' negl negli nei nel nell nell' nella nelle nello no noi nome non nonostante nostra
        nostre nostri nostro nove nuovi nuovo o ogn' ogni oh oltre ora otto oue ove peggio pegli pei pel
        pella pello per perche pero persone piu piu" pochi poco poi primo promesso puo pur qua qual qualche
        qualcun qualcuno quale qualmente quanta quante quanti quanto quarto quasi quattro quella quelle
        quelli quello questa queste questi questo qui quindi quinto rispetto s' salvo sara sarai saranno
        sarebbe sarebbero sarei saremmo saremo sareste saresti sarete saro se seco secondo sei sembra
        sembrava sempre senza sette si sia siamo siano siate siete solo sono sopra soprattutto sotto sta
        stai stando stanno stara starai staranno stare starebbe starebbero starei staremmo staremo stareste
        staresti starete staro stati stato stava stavamo stavano stavate stavi stavo stemmo stesse stessero
        stessi stessimo stesso steste stesti stette stettero stetti stia stiamo stiano stiate sto su sua
        subito sue sugl sugli sui sul sull sulla sulle sullo suo suoi tal tanta tante tanti tanto te teco
        terzo ti tra tramite tranne tre triplo tu tua tue tuo tuoi tutta tutte tutti tutto ultimo un una uno
        va vai verso vi vn vna vno voi volte vostra vostre vostri vostro
    """,
    "nl": """
        aan af al alles als altijd andere ben bij daar dan dat de der deze die dit doch doen door dus een
        eens en er ge geen geweest haar had heb hebben heeft hem het hier hij hoe hun iemand iets ik in is
        ja je kan kon kunnen maar me meer men met mij mijn moet na naar niet niets nog nu of om omdat onder
        ons ook op over reeds te tegen toch toen tot u uit uw van veel voor want waren was wat we wel werd
        wezen wie wij wil worden wordt zal ze zei zelf zich zij zijn zo zonder zou
    """,
    "pt": """
        a acerca afora agora algmas alguns ali ambos ante antes ao aos apontar apos aquela aquelas aquele
        aqueles aqui aquilo as ate atras bem bom cada caminho cara cima com como comprido conhecido connosco
        consoante contra corrente da das de debaixo dela delas dele deles dentro depois desde desligado deve
        devem devera diante direita diz dizer do dois dos durante e ela elas ele eles em enquanto entao
        entre era eram eramos escontra essa essas esse esses esta estado estamos estao estar estara estas
        estava estavam estavamos este esteja estejam estejamos estes esteve estive estivemos estiver
        estivera estiveram estiveramos estiverem estivermos estivesse estivessem estivessemos estou eu
        excepto exceto fara faz fazer fazia fez fim foi fomos for fora foram foramos forem formos fosse
        fossem fossemos fui ha haja hajam hajamos hao havemos havia hei horas houve houvemos houver houvera
        houveram houveramos houverao houverei houverem houveremos houveria houveriam houveriamos houvermos
        houvesse houvessem houvessemos in iniciar inicio inte ir ira isso ista iste isto ja lhe lhes ligado
        maioria maiorias mais malgrado mas me mediante menos mesmo meu meus minha minhas muito muitos na nao
        nas nem no nome nos nossa nossas nosso nossos novo num numa o onde os ou outro para parte pegar pela
        pelas pelo pelos per pera perante pode podera podia por porque povo pra promeiro qtinhamos qual
        qualquer quando que quem quieto saber salvante salvo sao se segundo seja sejam sejamos sem senao ser
        sera serao serei seremos seria seriam seriamos seu seus so sob sobre somente somos sou sua suas suso
        tal tambem te tem temos tempo tenha tenham tenhamos tenho tentar tentaram tente tentei ter tera
        terao terei teremos teria teriam teriamos teu teus teve tinha tinham tinhamos tipo tirante tive
        tivemos tiver tivera tiveram tiveramos tiverem tivermos tivesse tivessem tivessemos todos trabalhar
        trabalho tras tu tua tuas ultimo um uma umas uns usa usar valor veja ver verdade verdadeiro
        viaultimo voce voces vos
    """,
    "pl": """
        a aby ach acz aczkolwiek aj albo ale alez ani az bardziej bardzo beda bedzie bez bo bowiem by byc
        byli bym bynajmniej był była było były cali cała cały chce choc ci cie ciebie co cokolwiek coraz cos
        czasami czasem czemu czesto czy czyli daleko dla dlaczego dlatego do dobrze dokad dosc dr duzo dwa
        dwaj dwie dwoje dzis dzisiaj gdy gdyby gdyz gdzie gdziekolwiek gdzies go godz hab i ich ii iii ile
        im inna inne inny innych inz iv ix iz ja ja... jak jakas jakby jaki jakichs jakie jakis jakiz
        jakkolwiek jako jakos je jeden jedna jednak jednakze jedno jednym jedynie jego jej jemu jesli jest
        jestem jeszcze jezeli juz kazdy kiedy kierunku kilka kilku kims kto ktokolwiek ktora ktore ktorego
        ktorej ktory ktorych ktorym ktorzy ktos ku lat lecz lub ma maja mam mamy mało mgr mi miał miedzy
        mimo mna mnie moga moi moim moj moja moje moze mozliwe mozna mu musi my na nad nam nami nas nasi
        nasz nasza nasze naszego naszych natomiast natychmiast nawet nia nic nich nie niech niego niej niemu
        nigdy nim nimi niz no nowe np nr o obok od ok około on ona one oni ono oraz oto owszem pan pana pani
        pl po pod podczas pomimo ponad poniewaz powinien powinna powinni powinno poza prawie prof przeciez
        przed przede przedtem przez przy raz razie roku rowniez sa sam sama sie skad soba sobie sposob swoje
        ta tak taka taki takich takie takze tam te tego tej tel temu ten teraz tez to toba tobie totez
        totoba trzeba tu tutaj twoi twoim twoj twoja twoje twym ty tych tylko tym tys tzw u ul vi vii viii
        vol w wam wami was wasi wasz wasza wasze we według wie wiec wiecej wiele wielu wsrod wszyscy
        wszystkich wszystkie wszystkim wszystko wtedy www wy własnie xi xii xiii xiv xv z za zaden zadna
        zadne zadnych zapewne zas zawsze ze zeby zeznowu znow znowu został zł
    """,
    "sv": """
        aderton adertonde adjo aldrig alla allas allt alltid alltsa an andra andras annan annat annu ar
        artonde artonn at atminstone att atta attio attionde attonde av aven bada badas bakom bara bast
        battre behova behovas behovde behovt beslut beslutat beslutit bland blev bli blir blivit bort borta
        bra da dag dagar dagarna dagen dar darfor de del delen dem den denna deras dess dessa det detta dig
        din dina dit ditt dock du efter eftersom ej elfte eller elva en enkel enkelt enkla enligt er era ert
        ett ettusen fa fanns far fatt fem femte femtio femtionde femton femtonde fick fin finnas finns
        fjarde fjorton fjortonde fler flera flesta foljande for fore forlat forra forsta fram framfor fran
        fyra fyrtio fyrtionde ga galla galler gallt gar garna gatt genast genom gick gjorde gjort god goda
        godare godast gor gora gott ha hade haft han hans har heller hellre helst helt henne hennes hit hog
        hoger hogre hogst hon honom hundra hundraen hundraett hur i ibland icke idag igar igen imorgon in
        infor inga ingen ingenting inget innan inne inom inte inuti ja jag jamfort ju kan kanske knappast
        kom komma kommer kommit kr kunde kunna kunnat kvar lange langre langsam langsammare langsammast
        langsamt langst langt latt lattare lattast legat ligga ligger lika likstalld likstallda lilla lite
        liten litet man manga maste med mellan men mer mera mest mig min mina mindre minst mitt mittemot
        mojlig mojligen mojligt mojligtvis mot mycket nagon nagonting nagot nagra nar nasta ned nederst
        nedersta nedre nej ner ni nio nionde nittio nittionde nitton nittonde nodvandig nodvandiga
        nodvandigt nodvandigtvis nog noll nr nu nummer och ocksa ofta oftast olika olikt om oss over
        overmorgon overst ovre pa rakt ratt redan sa sadan sadana sadant sade saga sager sagt samma samre
        samst sedan senare senast sent sex sextio sextionde sexton sextonde sig sin sina sist sista siste
        sitt sitta sjalv sjatte sju sjunde sjuttio sjuttionde sjutton sjuttonde ska skall skulle slutligen
        sma smatt snart som stor stora storre storst stort tack tidig tidigare tidigast tidigt till tills
        tillsammans tio tionde tjugo tjugoen tjugoett tjugonde tjugotre tjugotva tjungo tolfte tolv tre
        tredje trettio trettionde tretton trettonde tva tvahundra under upp ur ursakt ut utan utanfor ute
        vad vanster vanstra var vara varfor varifran varit varje varken varre vars varsagod vart vem vems
        verkligen vi vid vidare viktig viktigare viktigast viktigt vilka vilkas vilken vilket vill
    """,
}
