"""Header fields in wire form: folded, and each one field, whatever a name or a title holds.

The standard library does not fold what people wrote: it decodes the encoded words it finds in a name or a
subject (`=?utf-8?q?=0D=0ABcc:_…?=` becomes a field of its own), it drops the quotes of a long name with a
comma, and it breaks long addresses into encoded words, which no client undoes.
"""

import re
from base64 import b64encode
from collections.abc import Iterable
from email.utils import quote

LINE = 76
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
"""RFC 5322, 3.2.3, and the space."""
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\x80-\U0010ffff-]+@[A-Za-z0-9.-]+")
"""A dot-atom, in UTF-8 if need be (RFC 6532), and a domain in ASCII."""
_WORD = (75 - len("=?utf-8?b??=")) // 4 * 3
"""Bytes in a full encoded word (RFC 2047, 2: 75 characters)."""


def fold_text(name: str, text: str) -> str:
    """The value of a field of free text.

    Raises:
        ValueError: it holds a line break or another control character (header injection).
    """
    _refuse_control(name, text)
    return fold(name, text.split(" ") if _is_plain(name, text) else _encoded_words(name, text))


def fold_mailbox(name: str, display_name: str, address: str) -> str:
    """The value of a field of one mailbox. The address's domain is ASCII; UTF-8 before the @ stays UTF-8.

    Raises:
        ValueError: the name holds a control character, or the address is none.
    """
    _refuse_control(name, display_name)
    if not _ADDRESS.fullmatch(address):
        raise ValueError(f"{name} holds no address")
    if not display_name:
        return address
    quoted = display_name if _ATOMS.fullmatch(display_name) else f'"{quote(display_name)}"'
    words = quoted.split(" ") if _is_plain(name, quoted) else _encoded_words(name, display_name)
    return fold(name, [*words, f"<{address}>"])


def fold(name: str, words: Iterable[str]) -> str:
    """Words with a space between them, or a line break and a space where the line would get too long.

    Raises:
        ValueError: a word holds a control character.
    """
    value, used = "", len(name) + 2
    for word in words:
        _refuse_control(name, word)
        if not value:
            value = word
        elif used + 1 + len(word) <= LINE:
            value += f" {word}"
            used += 1
        else:
            value += f"\r\n {word}"
            used = 1
        used += len(word)
    return value


def _is_plain(name: str, text: str) -> bool:
    """Whether it can stand as it is: without encoded words, lost spaces, long lines."""
    return (
        text.isascii()
        and "=?" not in text
        and all(0 < len(word) <= LINE - len(name) - 2 for word in text.split(" "))
    )


def _encoded_words(name: str, text: str) -> list[str]:
    """RFC 2047; the first word leaves room for the field's name."""
    data = text.encode()
    words = []
    start, size = 0, (LINE - len(name) - 2 - len("=?utf-8?b??=")) // 4 * 3
    while start < len(data):
        end = min(start + size, len(data))
        while end < len(data) and data[end] & 0xC0 == 0x80:  # in the middle of a character
            end -= 1
        words.append(f"=?utf-8?b?{b64encode(data[start:end]).decode()}?=")
        start, size = end, _WORD
    return words


def _refuse_control(name: str, value: str) -> None:
    if _CONTROL.search(value):
        raise ValueError(f"{name} holds a line break or another control character")
