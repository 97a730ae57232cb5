"""What a story is labelled with in its own language, wherever it travels."""

_CORRECTION = {
    "kk": "Түзету",
    "kk-Latn": "Tüzetu",
    "kk-Arab": "تۇزەتۋ",
    "ru": "Исправление",
    "en": "Correction",
}


def correction_label(language: str) -> str:
    """What stands before a correction note; of a language that is not known, in English."""
    return _CORRECTION.get(language) or _CORRECTION.get(language.partition("-")[0], _CORRECTION["en"])
