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
    ("подожгу сожгу сломаю переломаю отрежу оторву разобью вырву", r"(?:подожгу|сожгу|сломаю|переломаю|отрежу|оторву|разобью|вырву) (?:тебе|вам|ему|ей|им|твой|твою|ваш|вашу)(?: \w+)?|(?:тебе|вам|ему) (?:\w+ )?(?:сломаю|переломаю|отрежу|оторву|разобью|вырву)", 0.6, _THREATENS),
    ("оглядывайся оглядывайтесь берегись берегитесь", r"(?:ходи(?:те)? и |чаще |почаще )?оглядывай(?:ся|тесь)|берегись|берегитесь", 0.55, _MAYBE),
    ("пожалеешь пожалеете поплатишься поплатитесь ответишь ответите", r"(?:ты|вы) (?:\w+ )?(?:еще |об этом )?(?:пожалее(?:шь|те)|поплати(?:шься|тесь)|ответи(?:шь|те) за)|(?:еще|горько) пожалее(?:шь|те)", 0.55, _MAYBE),
    ("сдохни сдохните сдохнешь подохни удавись удавитесь повесься утопись застрелись", r"сдохни(?:те)?|подохни(?:те)?|удави(?:сь|тесь)|повесься|утопись|застрелись|убей себя", 0.6, _WISHES),
    ("стенке столбах фонарях виселицу виселица веревка", r"(?:ставить|поставить|всех|их) к стенке|на (?:столбах|фонарях)|виселиц\w+ (?:по (?:тебе|вам|нему|ним)|ждет|плачет)|веревк\w+ (?:плачет|ждет)", 0.6, "Calls for violence."),
    ("կգտնեմ կգտնենք կսպանեմ կմորթեմ կխեղդեմ կջարդեմ կվառեմ կտեսնես կգտնեն", r"(?:քեզ|ձեզ|տունդ|գլուխդ|ատամներդ)(?: \w+)? (?:կգտնե(?:մ|նք|ն)|կսպանեմ|կմորթեմ|կխեղդեմ|կջարդեմ|կվառեմ)|(?:կգտնե(?:մ|նք|ն)|կսպանեմ|կմորթեմ|կխեղդեմ|կջարդեմ|կվառեմ) (?:քեզ|ձեզ|տունդ|գլուխդ|ատամներդ)|դեռ կտեսնես", 0.6, _THREATENS),
    ("սատկես սատկեք մեռնես սատկի սատկեն", r"(?:երանի|թող|հույս ունեմ|յոյս ունիմ)(?:,? որ)? (?:\w+ ){0,2}(?:սատկես|սատկեք|սատկի|սատկեն|մեռնես)|սատկես", 0.6, _WISHES),
    ("kgtnem kgtnenq kspanem gspannem kmortem kxeghdem kjardem spannem sbannem", r"(?:qez|kez|kezi|dzez|dzezi|tund|gluxd)(?: \w+)? (?:kgtne(?:m|nq|nk)|kspanem|gspannem|kmortem|kxeghdem|kjardem|(?:bidi|piti) s[pb]annem)|(?:kgtne(?:m|nq|nk)|kspanem|kmortem|kxeghdem|kjardem) (?:qez|kez|dzez)", 0.6, _THREATENS),
    ("geber gebersin gebersinler öl öldürün asın kesin yakın", r"geber(?:sin(?:ler)?)?(?: artik| git)?|(?:hepsini|bunlari|onlari) (?:öldürün|asin|kesin|yakin|asmali|kesmeli)", 0.6, _WISHES),
    ("bulurum bulacağim bulacağiz buluruz kirarim kiracağim yakarim pişman", r"(?:seni|sizi) (?:\w+ )?(?:bulurum|bulacağim|bulacağiz|buluruz)|(?:kafani|ağzini|kemiklerini|bacaklarini|evini) (?:kirarim|kiracağim|yakarim)|pişman (?:olacaksin|olursun|edeceğim)", 0.6, _THREATENS),
    ("crève crevez crèves pends pendez suicide regretter retrouver retrouvera retrouverai retrouverons casser gueule", r"(?<!je )(?<!pneu )cr[eè]v(?:e|ez)(?= |[.!,]|$)(?! (?:de|les yeux|l'écran|d'))|va (?:te pendre|crever)|suicide-toi|(?:on|nous|je) (?:va|vais|allons|te|vous) ?(?:te |vous )?retrouver\w*|te casser la (?:gueule|figure)|tu vas le regretter", 0.6, _THREATENS),
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
    ("кухне кухня кухню бабы баба", r"место (?:женщины|женщин|бабы|баб) (?:на|у) (?:кухне|плиты)|баб[ае] (?:не человек|дура)|знай свое место,? женщина|марш на кухню", 0.6, "Speaks down to a sex."),
    ("валите вали убирайтесь убирайся катитесь катись понаехали проваливай проваливайте", r"(?:вали(?:те)?|убирай(?:тесь|ся)|кати(?:тесь|сь)|проваливай(?:те)?) (?:отсюда |обратно |все )?(?:в|к|из) (?:свою|своей|свой|себе|нашей|ваш\w+|тво\w+|\w+истан\w*|турци\w+|армени\w+|баку)|понаехали", 0.6, "Tells people to go back where they came from."),
    ("крови генах все лживые жадные тупые ленивые подлые коварные хитрые грязные дикие", rf"(?:все |эти )?{_RU_GROUP}(?: —| -|,)?(?: все| всегда| просто)? (?:лживы|жадны|тупы|ленивы|подлы|коварны|хитры|грязны|дики|лживые|жадные|тупые|ленивые|подлые|коварные|хитрые|грязные|дикие)(?!\w)|{_RU_GROUP}[^.!?\n]{{0,40}} в (?:крови|генах)|(?:все|никогда не верь) {_RU_GROUP} (?:одинаковы\w*|такие)", 0.6, _GENERALISES),
    ("խոհանոցն խոհանոցում խոհանոցը խոհանոցի", r"կ(?:նոջ|նիկի|անանց|ին)(?: \w+)? (?:տեղը|տեղն) խոհանոց\w+|կինը պետք է խոհանոցում", 0.6, "Speaks down to a sex."),
    ("նույնն նոյնն վստահել վստահի հավատալ", rf"(?:բոլոր )?{_HY_GROUP}(?: բոլորը| բոլորն էլ)? (?:նույնն|նոյնն) են|{_HY_GROUP} (?:չի կարելի|պետք չէ|երբեք մի) (?:վստահ\w+|հավատ\w+)|(?:մի վստահ\w+|չի կարելի վստահել) {_HY_GROUP}", 0.6, _GENERALISES),
    ("nuynn noynn vstahel havatal", r"(?:bolor )?(?:turq|turk|azeri|rus|hrea)(?:er)?(?:y|e|n)? (?:bolorn? el )?(?:nuynn|noynn) en|(?:turq|turk|azeri)(?:er)?in (?:chi kareli|petq che) (?:vstahel|havatal)", 0.6, _GENERALISES),
    ("yeri & mutfak mutfaktir evi evidir mutfağidir mutfağa", r"kadin(?:in|larin) yeri (?:mutfak|ev|kocasinin)\w*|(?:mutfağa|mutfağina) dön", 0.6, "Speaks down to a sex."),
    ("defolun defol ülkenize ülkene gidin & ülkenize ülkene ülkemizden buradan", r"(?:ülkenize|ülkene|ermenistan'?a|yunanistan'?a) (?:geri )?(?:dön\w*|gid\w+|defol\w*)|defol(?:un)? (?:ülkemizden|ülkenize|git)", 0.6, "Tells people to go back where they came from."),
    ("güvenilmez güvenme güvenmeyin hepsi bütün", rf"{_TR_GROUP}[ea]? (?:asla |hiç )?güven(?:ilmez|me|meyin|memek)|bütün {_TR_GROUP} (?:hain|yalanci|hirsiz|katil|ayni)\w*", 0.6, _GENERALISES),
    ("cuisine fourneaux foyer maison & femme femmes", r"place (?:d'une|de la|des|de) femmes?(?: \w+)? (?:est|c'est) (?:à la cuisine|dans la cuisine|au foyer|à la maison|aux fourneaux)|femmes? (?:à la cuisine|aux fourneaux)", 0.6, "Speaks down to a sex."),
    ("rentre rentrez retourne retournez dégage dégagez", r"(?:rentre[sz]?|retourne[sz]?|dégage[sz]?) (?:donc )?(?:dans (?:ton|votre|leur) pays|chez (?:toi|vous|eux)(?= [^,]|[.!]|$)|de (?:notre|mon) pays)", 0.6, "Tells people to go back where they came from."),
    ("menteurs voleurs criminels lâches traîtres fainéants terroristes violeurs assassins paresseux sales & turcs arméniens juifs arabes musulmans azéris kurdes noirs russes immigrés réfugiés", r"(?:les |tous les |ces )(?:turcs|arméniens|juifs|arabes|musulmans|azéris|kurdes|noirs|russes|immigrés|réfugiés) (?:sont|ne sont que)(?: tous| toujours)? (?:des )?(?:menteurs|voleurs|criminels|lâches|traîtres|fainéants|terroristes|violeurs|assassins|paresseux|sales)", 0.6, _GENERALISES),
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
    ("мозги мозг мозгов мозга ума", r"(?:у (?:тебя|вас) )?(?:вообще |хоть |совсем )?(?:есть )?(?:мозг(?:и|ов|а)?|ум[а]?) (?:вообще |хоть )?(?:есть|нет|не хватает|имеется|отсутствует)|мозгов (?:нет|не хватает|как у)|(?:у (?:тебя|вас)) (?:\w+ )?мозг\w* (?:\w+ )?(?:есть|нет)|вместо мозгов|куриные мозги", 0.6, "Questions a reader's mind."),
    ("книжку книгу букварь учебник умник умница деточка милочка дружок голубчик лечиться полечись", r"(?:иди|идите|пойди)(?:те)? (?:\w+ )?(?:почитай|читай|полечи\w+)|(?:книжку|книгу|букварь|учебник) (?:почитай|открой|прочти|возьми)|(?:, (?:умник|деточка|милочка|дружок|голубчик))|лечиться (?:вам|тебе|надо|пора)|(?:вам|тебе) (?:\w+ )?лечиться", 0.5, _CONDESCENDS),
    ("ուղեղ խելք ուղեղդ խելքդ ուղեղի", r"(?:դու |դուք )?(?:ուղեղ|խելք) (?:ունես|ունե՞ս|ունեք|չունես|չունեք|չունիս)|(?:ուղեղդ|խելքդ) (?:\w+ )?(?:չի|չէ|տեղը|հավի|պակաս)", 0.6, "Questions a reader's mind."),
    ("uxex ughegh xelk khelk xelq uxexd xelqd", r"(?:uxex|ughegh|xel[kq]|khel[kq]) (?:unes|uneq|unek|chunes|chuneq|chunis)", 0.6, "Questions a reader's mind."),
    ("beyin beynin akil akli", r"(?:sende|sizde) (?:\w+ )?(?:beyin|akil) (?:var mi|yok)|beyn(?:in|iniz) (?:var mi|yok|çalişmiyor)|kuş beyin\w+", 0.6, "Questions a reader's mind."),
    ("cerveau cervelle tête pois & tu t'as vous ton votre", r"(?:tu|vous) (?:n')?(?:as|avez) (?:un petit pois|rien|du vent|que du vent|un pois chiche|pas de cerveau)(?: dans (?:la tête|le crâne|le cerveau))?|(?:t'as|tu as) (?:quoi |rien )?dans (?:la tête|le crâne)", 0.6, "Questions a reader's mind."),
    ("սովորիր կարդա գրագիտություն դասդ", r"գնա,? (?:\w+ )?(?:գիրք )?(?:սովորիր|կարդա|դաս սերտէ)|դասդ սովորիր", 0.5, _CONDESCENDS),
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
