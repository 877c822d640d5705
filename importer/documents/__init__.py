"""Valid rows become documents, each with the identity by which it is sent exactly once (design §4.1).

    grouping   rows -> documents          content   the digest of what a document says
    identity   which document is which    filling   what travels: defaults, line numbers, token

Grouping knows the workbook only through plain values: for each data row its worksheet row number and typed cells.
"""

from importer.documents.content import DIGEST_VERSION, digest_of
from importer.documents.filling import MARK_CLOSE, MARK_OPEN, complete, with_token, without_token
from importer.documents.grouping import Grouped, Place, group
from importer.documents.identity import TOKEN_LENGTH, Identified, identify, parse_ref, ref_of, repeat_mark, token_of

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
    "parse_ref",
    "ref_of",
    "repeat_mark",
    "token_of",
    "with_token",
    "without_token",
]
