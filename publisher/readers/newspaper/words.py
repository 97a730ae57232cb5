"""What pages call their furniture, in three scripts and three languages. In lower case, split at bars."""

import re
from collections.abc import Iterable


def words(*rows: str) -> tuple[str, ...]:
    """The longest first: a pattern made of them must not stop at «рет» where «рет көрсетілді» stands."""
    return tuple(sorted({word for row in rows for word in row.split("|")}, key=len, reverse=True))


def any_of(names: Iterable[str]) -> str:
    return "|".join(map(re.escape, names))


VIEWS_BEFORE = words(
    "қараулар|қараулар саны|қаралымдар|қаралым|қаралым саны|қаралды|көрілім|көрілімдер|көрілді|көрсетілім",
    "көрсетілді|оқылды|оқылым|оқылымдар|оқылым саны|көргендер|көрген",
    "просмотров|просмотры|просмотр|просмотрено|количество просмотров|прочтений|прочитано|прочитали",
    "views|view count|viewed|page views|hits|reads|👁|👁\ufe0f|👀",
    "قاراۋلار|قارالىم|قارالىمدار|قارالدى|كورىلىم|كورىلدى|كورسەتىلدى|وقىلدى|وقىلىم",
    "qaraýlar|qaraular|qarawlar|qaralym|qaralım|qaralymdar|qaraldy|qaraldı|kórilim|körılım|kórildi",
    "kórsetildi|körsetildi|oqyldy|oqylym",
)
VIEWS_AFTER = words(
    "рет көрсетілді|рет қаралды|рет оқылды|рет көрілді|рет|қаралым|қаралды|көрілім|көрсетілім|оқылым",
    "оқылды",
    "көрсетілді|просмотров|просмотра|просмотр|прочтений|прочтения|раз просмотрено|views|view|hits|reads",
    "رەت كورسەتىلدى|رەت قارالدى|رەت وقىلدى|رەت|قارالىم|كورىلىم",
    "ret kórsetildi|ret körsetildi|ret qaraldy|ret qaraldı|ret|qaralym|qaralım|kórilim|körılım",
    "times viewed",
)
MINUTES_BEFORE = words(
    "оқу уақыты|оқылу уақыты|время чтения|время на чтение|reading time|read time|وقۋ ۋاقىتى|oqý ýaqyty",
    "oqu uaqyty",
)
MINUTES_AFTER = words(
    "мин. оқу үшін|мин оқу үшін|мин оқу|мин|минут|минут оқу|минут оқылады|минут чтения|минуты чтения",
    "минута чтения|мин чтения|мин. чтения|мин. на чтение|мин на чтение|min read|minute read|minutes read",
    "mins read|min. read|مين|مين وقۋ ءۇشىن|min|min oqý úshin|min oqu üşin|min oqu üshin",
)
# These alone on a line belong to the number above or below them.
LONE_LABELS = frozenset(
    VIEWS_BEFORE + VIEWS_AFTER + words("оқу үшін|وقۋ ءۇشىن|oqý úshin|oqu üşin|для чтения|to read")
)
COMMENTS = words(
    "пікір|пікірлер|пікір саны|комментарий|комментария|комментариев|комментарии|comment|comments",
    "پىكىر|پىكىرلەر|pikir|pikirler|pіkіr|💬",
)
PUBLISHED = words(
    "жарияланды|жарияланған|жарияланған күні|жарияланған уақыты|жариялау күні|опубликовано|опубликована",
    "дата публикации|размещено|создано|published|published on|published at|publication date|posted|posted on",
    "جاريالاندى|جاريالانعان|jarıalandy|jariialandy|jariyalandy|jarialandy",
)
# An event has these too.
DAY_LABELS = words("күні|уақыты|дата|date|كۇنى|kúni|küni|künı")
UPDATED = words(
    "жаңартылды|жаңартылған|жаңартылған күні|өңделді|соңғы жаңарту|обновлено|изменено|последнее обновление",
    "updated|updated on|updated at|last updated|modified|last modified|جاڭارتىلدى|جاڭارتىلعان",
    "jańartyldy|jañartyldy",
)
HOME = frozenset(
    words(
        "басты бет|басты|бас бет|негізгі бет|главная|главная страница|на главную|home|main|homepage",
        "home page",
        "باستى بەت|باس بەت|باستى|basty bet|bas bet|basty|negizgi bet",
    )
)
# Words that head a section on many sites; another single word may be a title.
SECTIONS = frozenset(
    words(
        "спорт|қоғам|саясат|экономика|мәдениет|білім|ғылым|әлем|өңірлер|аймақтар|аймақ|руханият|әдебиет|тарих",
        "денсаулық|медицина|технология|қаржы|бизнес|заң|құқық|сенат|мәжіліс|парламент|президент|үкімет",
        "жаңалықтар|сұхбат|ел|дін|өнер|оқиға|ауыл шаруашылығы|экология|пікір|сараптама",
        "общество|политика|культура|образование|наука|мир|в мире|регионы|происшествия|здоровье|технологии",
        "финансы|новости|интервью|право|история|парламент|правительство|мажилис|новости казахстана",
        "казахстан|аналитика|мнение|мнения|авто|religion|society|politics|economy|culture|education|science",
        "world|regions|sport|sports|health|technology|business|finance|news|interview|law|history|opinion",
        "جاڭالىقتار|قارجى|عىلىم|تاريح|jańalyqtar|jañalyqtar|jañalıqtar|sport|sayasat|tarıh|ǵylym",
        "قوعام|ساياسات|ەكونوميكا|مادەنيەت|ءبىلىم|الەم|رۋحانيات|سپورت|پرەزيدەنت|ۇكىمەت|سەنات",
        "qoǵam|qoğam|saıasat|saiasat|ekonomıka|ekonomika|mádenıet|mädeniet|bilim|bılım|álem|älem|ruhanıat",
    )
)
CREDIT = words(
    "фото|фотосурет|сурет|фотосуретті түсірген|суретті түсірген|коллаж|фотоколлаж|скриншот|инфографика",
    "фотограф|سۋرەت|فوتو|سۋرەتتى تۇسىرگەن|foto|fotosýret|sýret|suret|swret|photo|photos|image|picture",
    "photo credit|credit|image credit|photograph|photographer",
)
# What may follow «Фото» without a colon; «Фото дня» is a title.
CREDIT_BARE = words(
    "автора|автордікі|автордан|из|с|пресс-службы|предоставлено|предоставлена|предоставил|ашық|by|courtesy"
)
CAPTION = words(
    "суретте|фотода|бұл суретте|на фото|на снимке|на фотографии|подпись|pictured|in the photo|in photo",
    "caption",
    "سۋرەتتە|فوتودا|sýrette|surette|fotoda",
)
AUTHOR = words(
    "автор|авторы|авторлар|авторлары|материал авторы|мақала авторы|мәтін авторы|автор материала",
    "автор статьи",
    "автор текста|текст|мәтін|дайындаған|әзірлеген|жазған|тілші|журналист|корреспондент|подготовил",
    "подготовила|author|authors|written by|by|reporter|text|text by|اۆتور|اۆتورى|اۆتورلار|ماقالا اۆتورى",
    "دايىنداعان|ازىرلەگەن|جازعان|ءتىلشى|avtor|avtory|avtorlar|material avtory|maqala avtory|daıyndaǵan",
    "daiyndağan",
)
EDITOR = words("редактор|редакторы|редактор новостей|editor|edited by")
AUTHOR_HEADS = frozenset(words("автор|авторы|авторлар|author|authors|avtor|اۆتور|اۆتورى|материал|мақала"))
TAGS = words(
    "тегтер|тег|теги|тэги|тэгтер|кілт сөздер|кілтсөздер|ключевые слова|хештегтер|tags|tag|keywords|topics",
    "تەگتەر|تەگ|كىلت سوزدەر|tegter|tegi|kilt sózder|kılt sözder",
)
SOURCE = words(
    "дереккөз|дереккөзі|сілтеме|мақала сілтемесі|материал сілтемесі|источник|ссылка|адрес",
    "оригинал|source|link|url|original|permalink|دەرەككوز|سىلتەمە|derekkóz|derekköz|silteme|sılteme",
)
EMBARGO = words(
    "эмбарго|ембарго|не публиковать|не для публикации|жариялауға болмайды|not for publication|do not publish",
    "под эмбарго|embargo|embargoed|under embargo|strictly embargoed|ەمبارگو|embargoda",
)
# «until», before or after the time.
UNTIL = words(
    "until|till|to|up to|before|for|not for release before|not for publication before|release|for release",
    "до|снимается|действует до|не публиковать до|дейін|дейін жарияланбасын|дейін жариялауға болмайды",
    "мерзімі",
    "уақыты|шегі|دەيىن|deıin|deiin|deyin|date|time|lifts|ends|on|at|is",
)
READ_ALSO = words(
    "оқи отырыңыз|тағы оқыңыз|тағы да оқыңыз|сондай-ақ оқыңыз|сондай-ақ, оқыңыз",
    "ұқсас жаңалықтар|ұқсас материалдар|өзге жаңалықтар|басқа жаңалықтар|соңғы жаңалықтар",
    "читайте также|читайте ещё|читайте еще|читать также|читайте по теме|похожие новости",
    "смотрите также",
    "другие новости|последние новости|материалы по теме|read also|read more|also read|see also",
    "related news|related articles|related stories|more news|تاعى وقىڭىز|وقي وتىرىڭىز",
    "taǵy oqyńyz|tağy oqyñyz|oqı otyryńyz|oqi otyryñyz",
)
# A title or a sentence may begin with these as well.
READ_ALSO_WEAK = words("осы тақырыпта|тақырып бойынша|оқыңыз|по теме|рекомендуем|related|recommended")
# In the text these may head what stands below them.
MAY_HEAD = HOME | frozenset(words("фото|видео|фотогалерея|photo|photos|video|gallery"))
NOISE = HOME | set(
    words(
        "бөлісу|мақаламен бөлісу|мақаланы бөлісу|жаңалықпен бөлісу|достармен бөлісу|көшіру|сілтемені көшіру",
        "басып шығару|жазылу|жарнама|пікір қалдыру|пікір жазу|жоғарыға|артқа|ұнады|көбірек|толығырақ",
        "іздеу|мәзір|көрсету|пікірлер|пікір жоқ|пікірлер жоқ|негізгі сайтқа өту|сурет",
        "поделиться|поделиться новостью|поделиться в соцсетях|поделиться статьей|поделитесь с друзьями",
        "скопировать|скопировать ссылку|печать|распечатать|версия для печати|подписаться|подписка|реклама",
        "оставить комментарий|комментировать|комментарии|комментариев нет|нет комментариев|читать далее",
        "читать дальше|перейти на основной сайт|подробнее|меню|поиск|на правах рекламы|наверх|назад",
        "фото|видео|фотогалерея",
        "share|share this|share this article|share article|copy link|print|subscribe|advertisement|sponsored",
        "leave a comment|no comments|comments|go to the main site|back to top|menu|search|follow us",
        "эксклюзив|exclusive|арнаға жазылу|telegram-арнаға жазылу|читать на казахском|читать на русском",
        "читать в telegram|қазақша оқу|орысша оқу|read in english|read in telegram",
        "skip to content|photo|video|photos|gallery",
        "بولىسۋ|ماقالامەن بولىسۋ|جارناما|پىكىرلەر|bólisu|bólisý|bölısu|bölisu|maqalamen bólisý",
    )
)
NETWORKS = frozenset(
    "telegram whatsapp facebook vk вконтакте twitter x instagram одноклассники ok threads tiktok youtube "
    "linkedin viber email mail телеграм ватсап фейсбук инстаграм твиттер ютуб тикток messenger pinterest rss "
    "телеграмм e-mail вк skype odnoklassniki vkontakte".split()
)
# The switch of a page's language.
LANGUAGES = frozenset(
    "kz kk қаз рус ru en eng қазақша қазақ русский english орысша ағылшынша qazaqsha qazaqşa "
    "тіл язык قازاقشا".split()
)
# A line that begins with one of these, and goes on with one of APPEAL_OBJECTS, asks for something or
# claims a right.
APPEALS = words(
    "бөлісіңіз|мақаламен бөлісіңіз|жазылыңыз|бізге жазылыңыз|біздің telegram|біздің instagram|біздің арна",
    "telegram-арнамызға|telegram арнамызға|материалды көшір|материалдарды пайдалан|сайт материалдарын",
    "барлық құқықтар|қате таптыңыз ба",
    "поделитесь|подпишитесь|подписывайтесь|присоединяйтесь к|следите за нашими|следите за новостями",
    "читайте нас|наш telegram|хотите быть в курсе|при использовании материал|при копировании",
    "перепечатка материал|копирование материал|все права|сообщить об ошибке|нашли ошибку",
    "subscribe|follow us|sign up for|sign up to|join our|join us|all rights|copyright ©|copyright (c)",
    "copyright 20",
)
APPEAL_OBJECTS = words(
    "telegram|телеграм|instagram|инстаграм|facebook|whatsapp|youtube|канал|арна|сайт|site|сілтеме|ссылк",
    "защищен|қорғал|reserved|рассылк|newsletter|на наш|на нас|біздің|бізге|новост|жаңалық|новости|друзьями",
    "достар|запрещ|тыйым|кодекс|ctrl|20",
)
RIGHTS = words("құқықтар қорғалған|құқығы қорғалған|права защищены|rights reserved|قۇقىقتار قورعالعان")
