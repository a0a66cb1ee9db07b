"""The special letters and the little words by which the languages of old encodings differ."""

ALPHABETS: dict[str, frozenset[str]] = {
    language: frozenset(letters)
    for language, letters in {
        "german": "äöüß", "french": "éèàêçùâîôûëïœæ", "spanish": "áéíóúñü", "italian": "àèéìòù",
        "portuguese": "ãõáéíóúâêôàç", "dutch": "ëïéèö", "swedish": "åäöé", "danish": "æøåé", "finnish": "äöå",
        "icelandic": "áðéíóúýþæö", "polish": "ąćęłńóśźż", "czech": "áčďéěíňóřšťúůýž", "slovak": "áäčďéíĺľňóôŕšťúýž",
        "hungarian": "áéíóöőúüű", "romanian": "ăâîșțşţ", "croatian": "čćđšž", "turkish": "çğıöşüâ",
        "lithuanian": "ąčęėįšųūž", "latvian": "āčēģīķļņšūž", "estonian": "äöüõšž",
        "russian": "абвгдеёжзийклмнопрстуфхцчшщъыьэюя", "ukrainian": "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
        "bulgarian": "абвгдежзийклмнопрстуфхцчшщъьюя", "serbian": "абвгдђежзијклљмнњопрстћуфхцчџш",
        "greek": "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ", "hebrew": "אבגדהוזחטיכךלמםנןסעפףצץקרשת",
        "arabic": "ابتثجحخدذرزسشصضطظعغفقكلمنهويةىءأإآؤئ",
        "thai": "กขคงจฉชซญดตถทธนบปผฝพฟภมยรลวศษสหอฮะัาำิีึืุูเแโใไ็่้๊์ๆฯ",
    }.items()
}  # fmt: skip
COMMON_LETTERS: dict[str, str] = {
    "russian": "оеаинтсрвл", "ukrainian": "оаинітверс", "bulgarian": "аоеинтсрвл", "serbian": "аиоенрсјту",
    "greek": "αοιετσνηυρ", "hebrew": "יוהלאתמרב", "arabic": "اليمونترب", "thai": "านรกเอง่้",
}  # fmt: skip
LITTLE_WORDS: dict[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "german": "der die das und ist in den von zu mit für auf im des nicht ein eine dem bei wird oder sich",
        "french": "le la les de des du et en un une est pour dans par sur au aux ou à avec ce que qui ne pas se",
        "spanish": "el la los las de del y en un una es para por con se no que al su o más",
        "italian": "il la lo gli le di del della e in un una è per con da al non che si o nel sono",
        "portuguese": "o a os as de do da dos das e em um uma é para por com não que se no na ao ou",
        "dutch": "de het een en van in is op te voor met niet dat die aan door bij of",
        "swedish": "och i att det som en på är av för med den till inte ett eller om vid",
        "danish": "og i at det som en på er af for med den til ikke et eller om ved",
        "finnish": "ja on ei se että tai kun voi sekä ovat ole mutta jos",
        "icelandic": "og í að er sem á það til við fyrir um en ekki með",
        "polish": "i w na z do nie się jest oraz przez dla od po o że lub za jak to są",
        "czech": "a v na se je do pro z o nebo že od ve po k za s by jsou si",
        "slovak": "a v na sa je do pre z o alebo že od vo po k za s by sú si",
        "hungarian": "a az és hogy nem is egy van vagy meg ha de el kell ki után csak",
        "romanian": "de la și în şi cu un o nu din pe sau este care se pentru sunt ca",
        "croatian": "i u na je se za da od ili su po s ne koji kao ako iz do",
        "turkish": "ve bir bu için ile olarak de da ne en gibi daha çok veya olan",
        "lithuanian": "ir yra į su kad iš ne ar tai per už bei nuo po",
        "latvian": "un ir no ar uz par ka pēc vai tas kas līdz lai",
        "estonian": "ja on ei et see või kui ka oma mis ning",
        "russian": "и в на не с по для что из к от до или за как это о при у если",
        "ukrainian": "і в на не з по для що із до від або за як це про при у якщо та",
        "bulgarian": "и в на не с по за че от до или как това се при да са е",
        "serbian": "и у на је се за да од или су по с не који као ако из до",
        "greek": "και το η ο της του να σε για με την τα οι από στο στην είναι δεν ή",
        "hebrew": "של את על לא או עם זה הוא היא כל אם גם כי",
        "arabic": "في من على إلى عن أو لا هذا مع أن التي ما كل",
        "thai": "",
    }.items()
}  # fmt: skip
