"""Which language a text is in, by the letters only that language has.

Counted on the UTF-8 bytes of a sample, where the first byte of a letter names its block: D0 to D3 begin
Cyrillic (D2 and D3 the letters of Kazakh), D8 to DB Arabic.
"""

from string import ascii_letters

_ENOUGH = 800
"""So many letters tell a language; more of them tell it no better."""
_CYRILLIC = b"\xd0\xd1\xd2\xd3"
_KAZAKH_CYRILLIC = (b"\xd2", b"\xd3", "і".encode(), "І".encode())
_ARABIC = b"\xd8\xd9\xda\xdb"
_LATIN = ascii_letters.encode()
_KAZAKH_LATIN = "áǵıńóúýñğäöüşūÁǴŃÓÚÝÑĞÄÖÜŞŪ"


def detect_language(text: str, default: str) -> str:
    """BCP 47 tag of a story: kk, kk-Arab, kk-Latn, ru or en; `default` for a text without letters."""
    if len(text) > _ENOUGH:
        middle = len(text) // 2
        text = text[: _ENOUGH // 2] + text[middle : middle + _ENOUGH // 2]
    data = text.encode(errors="ignore")
    cyrillic = _count(data, _CYRILLIC)
    if cyrillic * 2 <= len(text):
        arabic, latin = _count(data, _ARABIC), _count(data, _LATIN)
        if not cyrillic and not arabic and not latin:
            return default
        if arabic >= max(cyrillic, latin):
            return "kk-Arab"
        if latin > cyrillic:
            return "kk-Latn" if sum(map(text.count, _KAZAKH_LATIN)) * 50 > latin else "en"
    # A Kazakh text has one of its own letters in every few words; a Russian one has them in names only.
    return "kk" if sum(map(data.count, _KAZAKH_CYRILLIC)) * 50 > cyrillic else "ru"


def _count(data: bytes, some: bytes) -> int:
    return len(data) - len(data.translate(None, some))


def direction(language: str) -> str:
    """`rtl` for Arabic script, else `ltr`."""
    return "rtl" if language.endswith("-Arab") else "ltr"
