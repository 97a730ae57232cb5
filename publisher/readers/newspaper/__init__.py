"""The plain-text export of a newspaper's page: the story, with the page's furniture around it.

    Сенат • 26 Наурыз, 2024          section and date
    Мәулен Әшімбаев …                title
    45 рет / көрсетілді              view counter
    2 мин / оқу үшін                 reading time
    Сенат Төрағасы …                 lead: what stands between the title and its repetition
    Мәулен Әшімбаев …                the title again: the photo's caption
    Фото: …                          credit
    Былтыр …                         paragraphs

A page goes through four pairs of hands:

    bytes ─ lines ─▶ furniture and header: what each line is ─▶ header: which date ─▶ story: what is left
"""

from publisher.readers.newspaper.page import parse_newspaper

__all__ = ["parse_newspaper"]
