"""Which language a text is in, by the letters only that language has."""

import re

_KAZAKH_CYRILLIC = re.compile("[әғқңөұүһі]")
_KAZAKH_LATIN = re.compile("[áǵıńóúýñğäöüşū]")
_CYRILLIC = re.compile("[а-яё]")
_ARABIC = re.compile("[\u0621-\u064a\u0671-\u06d3]")
_LATIN = re.compile("[a-z]")


def detect_language(text: str, default: str) -> str:
    """BCP 47 tag of a story: kk, kk-Arab, kk-Latn, ru or en; `default` for a text without letters."""
    text = text.lower()  # not re.IGNORECASE: there, the Kazakh ı is also the English i
    cyrillic, arabic, latin = (len(script.findall(text)) for script in (_CYRILLIC, _ARABIC, _LATIN))
    cyrillic += len(_KAZAKH_CYRILLIC.findall(text))
    most = max(cyrillic, arabic, latin)
    if most == 0:
        return default
    if arabic == most:
        return "kk-Arab"
    # A Kazakh text has one of its own letters in every few words; a Russian one has them in names only.
    if cyrillic == most:
        return "kk" if len(_KAZAKH_CYRILLIC.findall(text)) * 50 > cyrillic else "ru"
    return "kk-Latn" if len(_KAZAKH_LATIN.findall(text)) * 50 > latin else "en"


def direction(language: str) -> str:
    """`rtl` for Arabic script, else `ltr`."""
    return "rtl" if language.endswith("-Arab") else "ltr"
