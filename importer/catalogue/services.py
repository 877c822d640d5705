"""The API catalogue: every service that the mappings name, with its words, its message specification and its samples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from importer.catalogue.operations import WORDING, Wording
from importer.catalogue.samples import STANDARD_FORMATS, Sample, combined_sample, standard_samples
from importer.catalogue.specification import SpecRow, combined_answer, combined_request, standard_answer, standard_request
from importer.mapping import Custom, Labels, Standard
from importer.mapping import Mapping as DocumentType
from importer.messages import LANGUAGES
from importer.models import Channel, Operation
from importer.settings import Profile

__all__ = ["KINDS", "Service", "services"]

KINDS: Final[Mapping[Channel, str]] = {Channel.STANDARD: "OpenAPI", Channel.CUSTOM: "定製型API"}
"""The vendor's words for what a service is."""
HIDDEN: Final = "***"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One service of the ERP."""

    name: str  # as a request names it
    document_type: str
    operation: Operation
    channel: Channel
    kind: str  # OpenAPI or 定製型API
    category: str  # heading of the vendor's list
    program: str
    other_programs: Sequence[str]
    title: Labels  # what people call the service
    description: Labels
    formats: Sequence[str] = ()
    request: Sequence[SpecRow] = ()
    answer: Sequence[SpecRow] = ()
    samples: Sequence[Sample] = ()


def services(mapping: DocumentType, profile: Profile, language: str) -> Iterator[Service]:
    """The services of a document type in the vendor's order; specifications are worded in `language`.

    What a site can set (plant, user, names of keys, date formats) is as `profile` has it; no secret of it is shown.
    """
    shown = _without_secrets(profile)
    if mapping.standard is not None:
        part = mapping.standard
        yield from (_standard(mapping, part, operation, shown, language) for operation in WORDING if part.service(operation))
    if mapping.custom is not None:
        yield _combined(mapping, mapping.custom, shown, language)


def _without_secrets(profile: Profile) -> Profile:
    """No password, and no values of a site's own HTTP headers, which may be keys."""
    digi, custom = (part.model_copy(update={"headers": dict.fromkeys(part.headers, HIDDEN)}) for part in (profile.digi, profile.custom))
    return profile.model_copy(update={"password": None, "digi": digi, "custom": custom})


def _standard(mapping: DocumentType, part: Standard, operation: Operation, profile: Profile, language: str) -> Service:
    service = _blank(mapping, operation, part.service(operation) or "", Channel.STANDARD)
    return replace(
        service,
        formats=list(STANDARD_FORMATS),
        request=standard_request(mapping, part, operation, profile.wire, language),
        answer=standard_answer(mapping, part, operation, language),
        samples=standard_samples(mapping, part, operation, profile),
    )


def _combined(mapping: DocumentType, custom: Custom, profile: Profile, language: str) -> Service:
    service = _blank(mapping, Operation.COMBINED, custom.service, Channel.CUSTOM)
    return replace(
        service,
        formats=["xml"],
        request=combined_request(mapping, custom, language),
        answer=combined_answer(custom, language),
        samples=[combined_sample(mapping, custom, profile)],
    )


def _blank(mapping: DocumentType, operation: Operation, name: str, channel: Channel) -> Service:
    """The service with everything that does not depend on its messages."""
    words = WORDING[operation]
    return Service(
        name=name,
        document_type=mapping.document_type,
        operation=operation,
        channel=channel,
        kind=KINDS[channel],
        category=mapping.category,
        program=mapping.program,
        other_programs=mapping.other_programs,
        title={language: _title(mapping, words, language) for language in LANGUAGES},
        description={language: words.description[language].format(title=mapping.title_in(language)) for language in LANGUAGES},
    )


def _title(mapping: DocumentType, words: Wording, language: str) -> str:
    between = ": " if language == "en" else ""
    return f"{mapping.title_in(language)}{between}{words.name[language]}"
