"""Turns of phrase in Russian, Armenian, Turkish and French, by clause; the English ones stand with their detectors.

Rows are (words one of which must be there, pattern, score, what it is), as `Phrases` takes them. No native reader has
confirmed the Armenian ones, so their scores hold a comment and never refuse it.
"""

Row = tuple[str, str, float, str]

_THREATENS, _WISHES, _MAYBE = "Threatens somebody.", "Wishes somebody harm.", "May be a threat."

THREATS: tuple[Row, ...] = (
    ("убью зарежу задушу прикончу закопаю застрелю & тебя вас его ее их", r"(?:тебя|вас|его|ее|их) (?:\w+ )?(?:убью|зарежу|задушу|прикончу|закопаю|застрелю)|(?:убью|зарежу|задушу|прикончу|закопаю|застрелю) (?:тебя|вас|его|ее|их)", 0.8, _THREATENS),
    ("знаю знаем найду найдем", r"зна(?:ю|ем),? где (?:ты|вы|он|она) жив(?:ешь|ете|ет)|най(?:ду|дем) (?:тебя|вас)", 0.6, _THREATENS),
    ("чтоб чтобы пусть", r"(?:чтобы?|пусть) (?:\w+ ){0,3}(?:сдох\w*|подох\w*|умр\w+|рак\b[^.!?\n]{0,20}|сгор\w+)", 0.6, _WISHES),
    ("смерть", r"смерть (?:всем )?(?:\w+ам|\w+ям|врагам|предателям)", 0.6, "Calls for somebody to be killed."),
    ("повесить расстрелять убить казнить", r"(?:надо|нужно|пора|следует) (?:\w+ ){0,3}(?:повесить|расстрелять|убить|казнить)|(?:повесить|расстрелять|казнить) (?:их|его|ее|всех|предателей|министра)", 0.6, "Calls for violence."),
    ("գիտեմ գիտենք գիտեք", r"գիտ(?:եմ|ենք),? (?:թե )?(?:որտեղ|ուր|որտե՞ղ) (?:ես|եք|է|կ) ?(?:ապրում|բնակվում|ապրիս)", 0.6, _THREATENS),
    ("կախել գնդակահարել սպանել կախեք սպանեք", r"(?:պետք է|պէտք է|պիտի) (?:\w+ ){0,3}(?:կախել|գնդակահարել|սպանել)|(?:կախեք|սպանեք) (?:\w+ ){0,2}\w+", 0.6, "Calls for violence."),
    ("մահ", r"մահ (?:բոլոր )?(?:\w+ներին|\w+երին|\w+ներուն|\w+երուն|դավաճաններին)", 0.6, "Calls for somebody to be killed."),
    ("öldürürüm öldüreceğim gebertirim geberteceğim keserim", r"(?:seni|sizi|onu) (?:\w+ )?(?:öldür\w+|gebert\w+|keser\w*)", 0.8, _THREATENS),
    ("nerede & biliyorum biliyoruz", r"nerede (?:oturduğun\w*|yaşadiğin\w*)[^.!?\n]{0,12} biliyor(?:um|uz)", 0.6, _THREATENS),
    ("ölüm", r"\w+(?:ler|lar)e? ölüm|ölüm \w+(?:lere|lara)", 0.6, "Calls for somebody to be killed."),
    ("tuer crever buter égorger & vais va allons allez faut", r"(?:je vais|on va|nous allons) (?:te|vous|le|la|les) (?:tuer|crever|buter|égorger)|il faut (?:le|la|les|tous les) \w* ?(?:tuer|pendre|buter)", 0.8, _THREATENS),
    ("où & sais savons", r"(?:je sais|on sait|nous savons) où (?:tu|vous) habite[sz]", 0.6, _THREATENS),
)  # fmt: skip

_RU_GROUP = r"(?:турк(?:и|ов)|азербайджанц(?:ы|ев)|азеры|армяне|русские|курды|евреи|грузины|чеченцы|мусульмане|христиане|кавказцы|мигранты|беженцы|геи|женщины|персы|арабы|езиды|греки)"
_HY_GROUP = r"(?:թուրքեր|ադրբեջանցիներ|ազերիներ|ռուսներ|հայեր|հրեաներ|քրդեր|վրացիներ|պարսիկներ|արաբներ|մահմեդականներ|մուսուլմաններ|եզդիներ|հույներ|կանայք|գեյեր)(?:ը|ն|ու|ուն)?"
_TR_GROUP = (
    r"(?:ermeniler|türkler|kürtler|yahudiler|rumlar|araplar|suriyeliler|aleviler|eşcinseller|azeriler|ruslar)"
)
_DEGRADES, _GENERALISES, _DENIES = (
    "Degrades a group of human beings.",
    "Generalises about a group.",
    "Denies a genocide.",
)

IDENTITY_ATTACKS: tuple[Row, ...] = (
    ("собаки псы свиньи крысы твари звери животные шакалы нелюди скот скоты мразь мрази тараканы паразиты зверье", rf"{_RU_GROUP}(?: все| всегда| просто)?(?: —| -|:|,)?(?: это| все| просто| настоящие| были и будут| не люди,?)* (?:собаки|псы|свиньи|крысы|твари|звери|животные|шакалы|нелюди|скоты?|мраз[ьи]|тараканы|паразиты|зверье)", 0.8, _DEGRADES),
    ("люди человек & не", rf"{_RU_GROUP}(?: —| -)? не люди", 0.8, _DEGRADES),
    ("лжецы лгуны воры убийцы террористы трусы предатели преступники бандиты дикари варвары фашисты лгут врут обманывают", rf"{_RU_GROUP}(?: —| -|:|,)?(?: это| все| всегда| просто| только)* (?:лжецы|лгуны|воры|убийцы|террористы|трусы|предатели|преступники|бандиты|дикари|варвары|фашисты|лгут|врут|обманывают)", 0.6, _GENERALISES),
    ("геноцида геноцид", r"(?:никакого )?геноцида не было|не было (?:никакого )?геноцида|(?:выдуманн\w+|так называем\w+|мнимый) геноцид\w*|геноцид(?: армян)? (?:это )?(?:ложь|выдумка|миф|сказка)", 0.6, _DENIES),
    ("շներ շուն խոզեր անասուններ կենդանիներ գազաններ մարդ տականքներ առնետներ ուտիճներ վայրենիներ բարբարոսներ", rf"{_HY_GROUP}(?: բոլորը| բոլորն| միշտ)* (?:մարդ չեն|(?:շներ|խոզեր|անասուններ|կենդանիներ|գազաններ|տականքներ|առնետներ|ուտիճներ|վայրենիներ|բարբարոսներ)(?: են)?)", 0.8, _DEGRADES),
    ("ստախոս ստախոսներ գող գողեր մարդասպան մարդասպաններ վախկոտ վախկոտներ դավաճան դավաճաններ ոճրագործ ոճրագործներ ստում խաբում", rf"(?:բոլոր )?{_HY_GROUP}(?: բոլորը| միշտ| բոլորն էլ| էլ)* (?:ստախոս|գող|մարդասպան|վախկոտ|դավաճան|ոճրագործ|ստում|խաբում)(?:ներ)?(?: են)?", 0.6, _GENERALISES),
    ("ցեղասպանություն ցեղասպանութիւն ցեղասպանությունը ցեղասպանութիւնը", r"ցեղասպանութ(?:յուն|իւն)(?:ը)? (?:չի եղել|չէ եղած|չի եղած|չկա|սուտ է|հորինված է|առասպել է)", 0.6, _DENIES),
    ("haindir hain yalanci yalancidir köpek köpektir korkak korkaktir hirsiz hirsizdir katil katildir domuz domuzdur böcek insan", rf"{_TR_GROUP}(?: hep| hepsi| zaten)* (?:haindir|hain|yalanci(?:dir)?|köpek(?:tir)?|korkak(?:tir)?|hirsiz(?:dir)?|katil(?:dir)?|domuz(?:dur)?|böcek|insan değil)", 0.6, _GENERALISES),
    ("soykirim soykirimi soykirimin", r"soykirim(?:i)? (?:yalan(?:dir|i)?|yoktur|yok|olmadi|masal(?:dir|i)?|iftira(?:dir)?)|sözde (?:ermeni )?soykirim\w*", 0.6, _DENIES),
    ("génocide", r"(?:pas eu de|jamais eu de|il n'y a pas eu de|prétendu|soi-disant) génocide|génocide (?:n'a (?:pas|jamais) (?:eu lieu|existé)|est un (?:mensonge|mythe))", 0.6, _DENIES),
    ("chiens rats vermine cafards animaux parasites sauvages & turcs arméniens juifs arabes musulmans azéris kurdes noirs", r"(?:les )?(?:turcs|arméniens|juifs|arabes|musulmans|azéris|kurdes|noirs) (?:sont|ne sont que) (?:tous )?(?:des |de la )?(?:chiens|rats|vermine|cafards|animaux|parasites|sauvages)", 0.8, _DEGRADES),
)  # fmt: skip

_SILENCES, _CONDESCENDS = "Tells a reader to be silent.", "Condescends to a reader."

PERSONAL_ATTACKS: tuple[Row, ...] = (
    ("заткнись заткнитесь закрой закройте", r"заткни(?:сь|тесь)|закро(?:й|йте) (?:рот|пасть|варежку)", 0.87, _SILENCES),
    ("матчасть учи учите иди идите проспись проспитесь", r"учите? (?:матчасть|историю|русский)|иди(?:те)? (?:учи\w*|читай\w*|лечи\w+|проспи\w+)|проспи(?:сь|тесь)", 0.5, _CONDESCENDS),
    ("բերանդ բերաններդ ձայնդ", r"(?:բերանդ|բերաններդ|ձայնդ) (?:փակիր|փակեք|փակե|գոցէ|կտրիր|կտրեք)|(?:փակիր|գոցէ|կտրիր) (?:բերանդ|ձայնդ)", 0.8, _SILENCES),
    ("սովորիր կարդա գրագիտություն դասդ", r"գնա (?:\w+ )?(?:սովորիր|կարդա|դաս սերտէ)|դասդ սովորիր", 0.5, _CONDESCENDS),
    ("çeneni sus kapa", r"(?:kapa çeneni|çeneni kapa|sus lan)", 0.87, _SILENCES),
    ("tarih oku öğren", r"git (?:biraz )?tarih (?:oku|öğren)|önce (?:oku|öğren) sonra", 0.5, _CONDESCENDS),
    ("ferme gueule", r"ferme-la|ta gueule|ferme ta gueule|vos gueules", 0.87, _SILENCES),
    ("renseignez renseigne apprenez naïf naïve", r"renseign(?:ez-vous|e-toi) avant|apprenez (?:d'abord )?à (?:lire|écrire)|mon pauvre ami|bien naï(?:f|ve)", 0.5, _CONDESCENDS),
)  # fmt: skip

_RICH, _OFFER, _MESSENGER = "Get-rich offer.", "Commercial offer.", "Draws readers to a messenger."

SPAM: tuple[Row, ...] = (
    ("заработок заработка заработать зарабатывай зарабатывайте доход вложений", r"(?:заработ\w+|зарабатыва\w+) (?:в интернете|онлайн|дома|от \d)|(?:пассивный )?доход (?:от|до) \d|без вложений", 0.9, _RICH),
    ("личку лс директ телеграм телеграме whatsapp ватсап вотсап", r"(?:пишите|пиши|обращайтесь) (?:мне )?в (?:личку|лс|директ|телеграм\w*|whatsapp|ватсап|вотсап)", 0.7, _MESSENGER),
    ("казино ставки ставка букмекер вращений бонус", r"казино онлайн|онлайн[ -]казино|ставки на спорт|бонус новым игрокам|бесплатн\w+ вращени\w+", 0.92, _OFFER),
    ("кредит кредиты займ займы деньги", r"(?:кредит|займ|деньги)\w* (?:без (?:справок|отказа|залога)|за \d+ минут|под \d)", 0.9, _OFFER),
    ("диплом дипломы справки права", r"(?:купить|куплю|продам|продажа) (?:диплом\w*|справк\w+|права?)", 0.9, _OFFER),
    ("интим проститутки вызову досуг", r"интим[ -]услуги|девушки по вызову|проститутки \w+|досуг для мужчин", 0.95, "Sexual solicitation."),
    ("վաստակեք վաստակիր եկամուտ վաստակել", r"(?:վաստակե?[քլ]|վաստակիր) (?:\w+ ){0,3}(?:ինտերնետում|ինտերնետով|տնից|տանից|դոլար)|պասիվ եկամուտ", 0.9, _RICH),
    ("վարկ վարկեր", r"վարկ(?:եր)? (?:առանց|րոպեում|\d+ րոպեում)", 0.9, _OFFER),
    ("գրեք գրիր & անձնական telegram whatsapp վայբեր viber", r"(?:գրեք|գրիր) (?:\w+ )?(?:անձնական\w*|telegram\w*|whatsapp\w*|viber\w*|վայբեր\w*)", 0.7, _MESSENGER),
    ("bahis casino kazan kazanin", r"(?:canli bahis|bahis sitesi|casino bonus\w*|evden (?:çalişarak )?para kazan\w*)", 0.9, _OFFER),
    ("casino argent gagnez gagner crédit", r"casino en ligne|gagne[rz] (?:de l'argent|\d+ ?(?:€|euros)) (?:par|depuis|sur)|crédit (?:rapide|sans justificatif)", 0.9, _OFFER),
)  # fmt: skip
