"""The words of a date as newspapers print them, in three scripts and three languages."""

import re
from datetime import timedelta, timezone
from functools import lru_cache

KAZAKH = (
    # Cyrillic
    "қаңтар ақпан наурыз сәуір мамыр маусым шілде тамыз қыркүйек қазан қараша желтоқсан",
    # Latin: 2018, 2021, and the alphabet of Wikipedia
    "qańtar aqpan naýryz sáýir mamyr maýsym shilde tamyz qyrkúıek qazan qarasha jeltoqsan",
    # and what is typed between the alphabets
    "qańtar aqpan naurız sáuir mamyr mausym shilde tamyz qyrkúiek qazan qarasha jeltoqsan",
    "qañtar aqpan nauryz säuir mamyr mausym şilde tamyz qyrküiek qazan qaraşa jeltoqsan",
    "qañtar aqpan nauryz säuır mamyr mausym şılde tamyz qyrküiek qazan qaraşa jeltoqsan",
    "qañtar aqpan nawrız säwir mamır mawsım şilde tamız qırküyek qazan qaraşa jeltoqsan",
    # Arabic, without the hamza: it is printed in front of a word, above it, or not at all
    "قاڭتار اقپان ناۋرىز ساۋىر مامىر ماۋسىم شىلدە تامىز قىركۇيەك قازان قاراشا جەلتوقسان",
)
OTHERS = (
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь",
    "янв фев мар апр май июн июл авг сен окт ноя дек",
    "янв февр мар апр мая июн июл авг сент окт нояб дек",
    "қаң ақп нау сәу мам мау шіл там қыр қаз қар жел",
    "january february march april may june july august september october november december",
    "jan feb mar apr may jun jul aug sep oct nov dec",
    "jan feb mar apr may jun jul aug sept oct nov dec",
)


def _numbers(rows: tuple[str, ...]) -> dict[str, int]:
    return {name: number for row in rows for number, name in enumerate(row.split(), start=1)}


KAZAKH_NUMBERS = _numbers(KAZAKH)
"""Name to month number. These take case endings: «наурызда», «қыркүйегінде»."""
OTHER_NUMBERS = _numbers(OTHERS)
"""Name to month number. These are whole words."""

# After a number: ordinals («26-ншы», «26-сы»), the year's own word and its cases, «г.».
NUMBER_WORDS = frozenset(
    "ші шы нші ншы інші ыншы сы сі ы і ж жыл жылы жылғы жылдың жылда го е ое г год года году "
    "nshi nshy inshi ynshy j jyl jyly jylǵy jylğy jylda jıl jılı jılğı جىل جىلى جىلعى جىلدا جىلدىڭ نشى شى "
    "th st nd rd of".split()
)
WEEKDAY_WORDS = frozenset(
    "дүйсенбі сейсенбі сәрсенбі бейсенбі жұма сенбі жексенбі күні күн "
    "понедельник вторник среда четверг пятница суббота воскресенье пн вт ср чт пт сб вс "
    "monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun "
    "dúısenbi seısenbi sársenbi beısenbi juma senbi jeksenbi "
    "düisenbı seisenbı särsenbı beisenbı jūma senbı jeksenbı "
    "düysenbi seysenbi särsenbi beysenbi juma senbi jeksenbi "
    "دۇيسەنبى سەيسەنبى سارسەنبى بەيسەنبى جۇما سەنبى جەكسەنبى كۇنى".split()
)
# Around a clock: «сағат 14:10», «14:10-да», «в 12:20».
CLOCK_WORDS = frozenset(
    "сағат сағ да де та те ға ге қа ке в sağat saǵat sagat saghat da de ta te ساعات دا دە تا تە at".split()
)
# How many days before the file's own day. The Latin Kazakh names follow the same alphabets as the months.
DAY_WORDS = {
    **dict.fromkeys("бүгін сегодня today búgin bügın bügin büğın bugin بۇگىن".split(), 0),
    **dict.fromkeys("кеше вчера yesterday keshe keşe كەشە".split(), 1),
}
# Seconds in the units of «2 сағат бұрын».
UNITS = {
    **dict.fromkeys("минут минуту минуты мин minut min minute minutes mınut مينۋت مين".split(), 60),
    **dict.fromkeys("сағат час часа часов saǵat sağat sagat hour hours ساعات".split(), 3600),
    **dict.fromkeys("күн день дня дней kún kün day days كۇن".split(), 86400),
}
AGO_WORDS = frozenset("бұрын назад ago buryn burın burun būryn bұryn بۇرىن".split())

# A case ending, in any of the three scripts; қыркүйек softens its last letter: «қыркүйегінде».
_ENDING = re.compile(
    r"(?:[ыі]н?)?(?:[дт][ае]|[дтн][ае]н|[ғгқкн]?[ае]|[дтн][ыі]|[дтн][ыі]ң|[дт](?:ағы|егі)|[мбп]ен)?"
    r"|(?:[yıií]n?)?(?:[dt][ae]|[dtn][ae]n|[ǵğgqkn]?[ae]|[dtn][yıi]|[dtn][yıi][ńñn]|[dt](?:a[ǵğg][yı]|eg[iı])|[mbp]en)?"
    r"|(?:ىن?)?(?:[دت][اە]|[دتن][اە]ن|[عگقكن]?[اە]|[دتن]ى|[دتن]ىڭ|[دت](?:اعى|ەگى)|[مبپ]ەن)?"
)
_SOFT = {"к": "г", "қ": "ғ", "k": "g", "q": "ǵ", "ك": "گ", "ق": "ع"}
_STEMS = KAZAKH_NUMBERS | {
    name[:-1] + _SOFT[name[-1]]: number for name, number in KAZAKH_NUMBERS.items() if name[-1] in _SOFT
}
_HAMZA_AND_STRETCH = str.maketrans("ک", "ك", "\u0621\u0674\u0640")
# What a keyboard left in the Latin layout puts into a Cyrillic word: «Бүгiн» with a Latin i.
_LATIN_IN_CYRILLIC = str.maketrans("aceiopxyə", "асеіорхуә")
_HAS_CYRILLIC = re.compile("[\u0400-\u052f]")


def month_number(word: str) -> int | None:
    """1 to 12 for a month's name in any case ending; None for any other word («Қазақстан» is no «қазан»)."""
    return month_of(fold(word))


@lru_cache(maxsize=512)
def month_of(folded: str) -> int | None:
    """The same for a word that `fold` has been through."""
    if number := KAZAKH_NUMBERS.get(folded) or OTHER_NUMBERS.get(folded):
        return number
    for length in range(len(folded) - 1, 4, -1):  # no Kazakh month has fewer letters
        number = _STEMS.get(folded[:length])
        if number and _ENDING.fullmatch(folded, length):
            return number
    return None


@lru_cache(maxsize=512)
def fold(word: str) -> str:
    """A word as these tables have it: one case, no hamza, no letters of the other keyboard."""
    word = word.casefold().translate(_HAMZA_AND_STRETCH)
    return word.translate(_LATIN_IN_CYRILLIC) if _HAS_CYRILLIC.search(word) else word


def zone_of(text: str) -> timezone:
    """«GMT+5», «(UTC +05:00)», «+0500»."""
    sign = -1 if set("-−") & set(text) else 1
    digits = "".join(filter(str.isdecimal, text))
    hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits or "0", "0")
    if int(hours) > 14 or int(minutes) > 59:
        raise ValueError(f"no zone is {text}")
    return timezone(sign * timedelta(hours=int(hours), minutes=int(minutes)))
