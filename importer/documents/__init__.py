"""Valid rows become documents, each with the identity by which it is sent exactly once (design §4.1).

    grouping   rows -> documents          content   the digest of what a document says
    identity   which document is which    filling   what travels: new codes, defaults, line numbers, token
    repeats    what stands there twice    translating   old codes into new ones

Grouping knows the workbook only through plain values: for each data row its worksheet row number and typed cells.
"""

from importer.documents.content import DIGEST_VERSION, digest_of
from importer.documents.filling import MARK_CLOSE, MARK_OPEN, complete, with_token, without_token
from importer.documents.grouping import Grouped, Place, group
from importer.documents.identity import (
    TOKEN_LENGTH,
    Identified,
    identify,
    origin_of,
    parse_ref,
    ref_in_batch,
    ref_of,
    repeat_mark,
    token_of,
)
from importer.documents.repeats import repeated
from importer.documents.translating import in_new_codes, new_values

__all__ = [
    "DIGEST_VERSION",
    "MARK_CLOSE",
    "MARK_OPEN",
    "TOKEN_LENGTH",
    "Grouped",
    "Identified",
    "Place",
    "complete",
    "digest_of",
    "group",
    "identify",
    "in_new_codes",
    "new_values",
    "origin_of",
    "parse_ref",
    "ref_in_batch",
    "ref_of",
    "repeat_mark",
    "repeated",
    "token_of",
    "with_token",
    "without_token",
]
