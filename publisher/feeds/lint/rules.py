"""Every rule of the lint: its name, how much it matters, and how to mend what breaks it."""

from enum import Enum, unique

from publisher.feeds.lint.finding import Finding, Level

_ERROR = Level.ERROR
_WARNING = Level.WARNING


@unique
class Rule(Enum):
    """A rule is known by its member's name in kebab case; people filter by it, so it is never renamed."""

    # The file
    EMPTY = _ERROR, "look at what writes the feed: it stopped before it began"
    TOO_LARGE = _ERROR, "keep the newest stories in the feed and move the others to an archive"
    LARGE = _WARNING, "publish fewer stories in it; some readers give up at a megabyte"
    NOT_A_FEED = _ERROR, "this address must give RSS, Atom or JSON Feed"
    HTML_PAGE = _ERROR, "this address gives a web page; the page's source names the feed, if it has one"
    NOT_WELL_FORMED = _ERROR, "mend it there: readers show nothing of a feed that cannot be parsed"
    TRUNCATED = _ERROR, "publish it again; write it beside its place and rename it when it is whole"
    ENCODING_UNKNOWN = _ERROR, "declare and write UTF-8"
    ENCODING_WRONG = _ERROR, "write the feed in the encoding that it declares; UTF-8 is the safe one"
    BYTE_ORDER_MARK = _WARNING, "begin a JSON file with its brace (RFC 8259, 8.1)"
    DOCTYPE = _ERROR, "leave the DOCTYPE out; write é or &#233; where the feed has &eacute;"
    CHARACTER_ILLEGAL = _ERROR, "leave it out: no feed may hold it (XML 1.0, 2.2)"
    CHARACTER_CONTROL = (
        _WARNING,
        "it was read in a wrong encoding, probably as Latin-1 instead of Windows-1252",
    )
    CHARACTER_LOST = _WARNING, "mend the story where it was written: the letter cannot be recovered from here"
    VERSION_WRONG = _ERROR, "write Atom 1.0 or JSON Feed 1.1"
    VERSION_ODD = _WARNING, 'write version="2.0", and what RSS 2.0 asks for'
    NAMESPACE = _WARNING, "write the elements of RSS without a namespace, else some readers see none"
    TYPE_WRONG = _ERROR, "write it as JSON Feed 1.1 asks"

    # The feed
    FEED_ID_MISSING = _ERROR, "give the feed an <id> that never changes (RFC 4287, 4.2.6)"
    FEED_TITLE_MISSING = _ERROR, "give the feed a title: readers list it by that"
    FEED_LINK_MISSING = _ERROR, "give the feed a <link> to its web page"
    FEED_PAGE_MISSING = _WARNING, "link the web page that the feed belongs to"
    FEED_DESCRIPTION_MISSING = _WARNING, "give the feed a <description>: RSS asks for it"
    FEED_UPDATED_MISSING = _ERROR, "give the feed an <updated> (RFC 4287, 4.2.15)"
    SELF_MISSING = _WARNING, "name the feed's own address (atom:link rel=self, or feed_url)"
    SELF_ELSEWHERE = _WARNING, "name the address that readers use, else some subscribe to the other one"
    LANGUAGE_MISSING = _WARNING, "name the language: readers hyphenate, read aloud and translate by it"
    LANGUAGE_FORM = _WARNING, "write a BCP 47 tag such as kk, ru or kk-Latn"
    AUTHOR_MISSING = _ERROR, "name an author of the feed, or one of each entry (RFC 4287, 4.1.1)"
    ORDER = _WARNING, "write the newest story first: some readers cut the feed at its end"
    ARCHIVE_CURRENT = _WARNING, "link the feed that it is an archive of with rel=current (RFC 5005, 4)"
    ARCHIVE_COMPLETE = _WARNING, "leave fh:complete out where there are further documents (RFC 5005, 2)"
    ARCHIVE_LOOP = _ERROR, "link the archive with the stories before these (RFC 5005, 4)"
    TOMBSTONE = _ERROR, "write ref and when, an RFC 3339 time (RFC 6721, 3)"
    ITEMS_MISSING = _ERROR, "write an array of items, though it may be empty"

    # An entry
    ID_MISSING = _ERROR, "give it an id that never changes: readers tell old from new by it"
    GUID_MISSING = _WARNING, "give it a <guid>: without one, an edited link makes it a new story"
    ID_FORM = _WARNING, "write an absolute IRI such as urn:uuid:… or tag:… (RFC 4287, 4.2.6)"
    ID_TWICE = _ERROR, "give each entry an id of its own: readers show only one of two"
    ID_NOT_STRING = _ERROR, "write the id as a string"
    GUID_NO_URL = _ERROR, 'write isPermaLink="false": readers open a permalink as an address'
    TITLE_MISSING = _ERROR, "give it a title"
    UNTITLED = _WARNING, "give it a title: many readers list stories by that alone"
    TITLE_MARKUP = _WARNING, "write a title as plain text, escaped once: some readers show the markup"
    TEXT_TYPE = _ERROR, "write text, html or xhtml; for content a media type too (RFC 4287, 3.1.1)"
    XHTML_DIV = _ERROR, "put XHTML into one div of its namespace (RFC 4287, 3.1.1.3)"
    LINK_MISSING = _ERROR, "link the story's page"
    UNLINKED = _WARNING, "link the story's page, so that readers can open it"
    LINK_RELATIVE = _ERROR, "write the whole address, with https://"
    LINK_SCHEME = _ERROR, "link an address on the web: readers refuse to open this, and rightly"
    LINK_FORM = _ERROR, "write a whole address, without spaces"
    UPDATED_MISSING = _ERROR, "give it an <updated> (RFC 4287, 4.1.2)"
    UNDATED = _WARNING, "give it a date: without one it counts as new at every reader's first look"
    DATE_FORM = _ERROR, "write Tue, 26 Mar 2024 10:00:00 +0500 in RSS, 2024-03-26T10:00:00+05:00 elsewhere"
    DATE_SHORT_YEAR = _WARNING, "write four digits of the year"
    DATE_WEEKDAY = _WARNING, "correct the day of the week, or the date"
    DATE_FUTURE = _ERROR, "publish it when its time has come: until then it stands above all news"
    DATE_TWICE = _WARNING, "leave dc:date out: readers differ in which of the two they believe"
    DATES_CROSSED = _ERROR, "no story is updated before it is published: correct one of the two"
    UPDATED_TWICE = _WARNING, "give each entry its own time: by equal ones no reader can sort"
    ENCLOSURE_URL = _ERROR, "give the enclosure its address"
    ENCLOSURE_LENGTH = _ERROR, "write its length in bytes, or 0 when it is not known"
    ENCLOSURE_TYPE = _ERROR, "write its media type, such as image/jpeg"
    ENCLOSURES = _WARNING, "keep one enclosure an item: most readers see the first or the last only"
    AUTHOR_FORM = _WARNING, "write name@example.com (Name), or use dc:creator for a name alone"
    CONTENT_MISSING = _ERROR, "write content_html or content_text"
    CONTENT_ORDER = _WARNING, "write the description first: some readers keep the last of the two"
    CONTENT_SCRIPT = _ERROR, "leave scripts out: no reader runs them, and some drop the story"
    CONTENT_EVENT = _ERROR, "leave attributes such as onclick out: they are scripts"
    CONTENT_LINK = _ERROR, "leave javascript: and data: links out of the text"
    CONTENT_RELATIVE = _ERROR, "write whole addresses: a reader does not know what they are relative to"
    CONTENT_FRAME = _WARNING, "link it instead: most readers leave a hole there"
    CONTENT_STYLE = _WARNING, "leave styles out: readers have their own, and some show a style sheet as text"

    # Beside the version that is live
    FORMAT_OTHER = _ERROR, "write the format that the file's name promises"
    STORIES_LOST = _ERROR, "restore the store, or delete the file to accept the new one"
    STORY_REDATED = _ERROR, "give it back its date; or delete the file to accept the new one"

    def __init__(self, level: Level, hint: str) -> None:
        self.id = self.name.lower().replace("_", "-")
        self.level = level
        self.hint = hint

    def found(self, place: str, cause: str) -> Finding:
        """A finding by this rule."""
        return Finding(rule=self.id, level=self.level, place=place, cause=cause, hint=self.hint)
