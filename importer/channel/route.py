"""Which channel carries a document from stage to stage, and what that means for asking about it.

    standard   create, approve, post: three calls over the standard channel
    combined   one custom call that does all three; what it created and did not post is carried on over the standard channel,
               where the profile has one

The reverse route undoes: the operations of the mapping's `undo`, over the standard channel.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Final

from importer.channel.calls import Call, ErpDocument, Turn
from importer.channel.standard import StandardChannel
from importer.client import Client
from importer.errors import ConfigurationError
from importer.mapping import Mapping as DocumentType
from importer.messages import N_
from importer.models import Claim, Document, Operation, Stage, reached
from importer.settings import Profile

if TYPE_CHECKING:
    from importer.channel.custom import CustomChannel

__all__ = ["GONE", "Route"]

Step = tuple[Operation, Stage]
GONE: Final = (Stage.VOID, Stage.DELETED)


class Route:
    """The way of one document type at one profile."""

    def __init__(
        self,
        profile: Profile,
        mapping: DocumentType,
        client: Client,
        *,
        name: str = "standard",
        until: Stage = Stage.POSTED,
        turn: Turn = nullcontext,
        custom_turn: Turn | None = None,
        lanes: int | None = None,
    ) -> None:
        """`turn` is entered for each call, `custom_turn` in its place for those over the custom channel; `lanes` are documents at once."""
        self.profile = profile
        self.mapping = mapping
        self.combined = name == "combined"
        self.undoing = name == "undo"
        self._lanes = lanes
        self.until = self._end_of_undo() if self.undoing else until
        has_standard = bool(profile.standard_url and mapping.standard)
        self.standard = StandardChannel(profile, mapping, client, turn=turn) if has_standard or not self.combined else None
        self.custom = self._custom(client, custom_turn or turn) if self.combined else None
        self.steps: Mapping[Stage, Step] = self._undo_steps() if self.undoing else self._forward_steps()
        self._targets: Mapping[Operation, Stage] = dict(self.steps.values())

    def _custom(self, client: Client, turn: Turn) -> CustomChannel:
        from importer.channel.custom import CustomChannel  # with lxml, which the standard route does without

        return CustomChannel(self.profile, self.mapping, client, turn=turn)

    # -- the steps -----------------------------------------------------------------------------------------------------

    def _forward_steps(self) -> dict[Stage, Step]:
        if not self.combined:
            return self.mapping.scenario.steps
        onward: dict[Stage, Step] = {stage: step for stage, step in self.mapping.scenario.steps.items() if stage is not Stage.NEW}
        if self.until is Stage.APPROVED and self.standard is None:
            raise ConfigurationError(N_("The combined route stops at created or posted; approved needs a standard_url."))
        first: Step = (Operation.COMBINED, Stage.POSTED) if self.until is Stage.POSTED else (Operation.CREATE, Stage.CREATED)
        return {Stage.NEW: first, **(onward if self.standard else {})}

    def _end_of_undo(self) -> Stage:
        return Stage.VOID if self.mapping.scenario.undo.get(Stage.CREATED) is Operation.INVALID else Stage.DELETED

    def _undo_steps(self) -> dict[Stage, Step]:
        """From each stage, the operation of the mapping's `undo` and the stage below that it leads to."""
        operations = self.mapping.scenario.undo
        falling = [stage for stage in (Stage.POSTED, Stage.APPROVED, Stage.CREATED) if stage in operations]
        below = [*falling[1:], self.until]
        steps: dict[Stage, Step] = {stage: (operations[stage], target) for stage, target in zip(falling, below, strict=True)}
        if Stage.APPROVED not in steps and Stage.CREATED in steps:
            steps[Stage.APPROVED] = steps[Stage.CREATED]
        return steps

    def target(self, operation: Operation) -> Stage:
        """The stage that an operation of this route leads to."""
        return self._targets[operation]

    def arrived(self, stage: Stage) -> bool:
        """Whether a document at `stage` has nothing more to do on this route."""
        return stage in GONE if self.undoing else reached(stage, self.until)

    def came_about(self, operation: Operation, found: Stage | None) -> bool:
        """Whether an operation has been carried out, going by the stage that the ERP reports (None: it has no such document)."""
        target = self._targets[operation]
        if not self.undoing:
            return found is not None and reached(found, target)
        if target in GONE:
            return found is None or found in GONE
        return found is not None and found not in GONE and not reached(found, _above(target))

    # -- calls ---------------------------------------------------------------------------------------------------------

    @property
    def lanes(self) -> int:
        """Documents at once. The custom channel's post program reports through a file that two posts of one ERP user share (design §5)."""
        if self.profile.post_order == "workbook":
            return 1
        if self._lanes is not None:
            return self._lanes
        return min(self.profile.concurrency, self.profile.custom_posts_at_once) if self.combined else self.profile.concurrency

    @property
    def can_be_asked(self) -> bool:
        """Whether the ERP can tell what became of a create, so that claims may be taken ahead (design §4.1 rule 12)."""
        return self.can(Operation.QUERY) and self.can(Operation.READ) and self.carries_token

    @property
    def carries_token(self) -> bool:
        """Whether the document's reference is stored in the ERP on this route."""
        token = self.mapping.token
        return token is not None and self.stores(token.field)

    def stores(self, field: str) -> bool:
        """Whether the first call of this route stores what is sent in a field, as it is."""
        custom = self.mapping.custom
        return not (self.combined and custom is not None and field in (*custom.unread, *custom.overwritten))

    def can(self, operation: Operation) -> bool:
        """Whether the standard channel is there and has this operation."""
        return self.standard is not None and self.standard.can(operation)

    def write(
        self, operation: Operation, document: Document, *, doc_type_no: str, doc_no: str, leaving: Callable[[], None] | None = None
    ) -> Call:
        """One operation on one document, over its channel, once. `leaving` is called right before; what it raises keeps it here."""
        if self.custom is not None and operation in (Operation.COMBINED, Operation.CREATE):
            return self.custom.write(document, post=operation is Operation.COMBINED, leaving=leaving)
        return self._standard().write(operation, document, doc_type_no=doc_type_no, doc_no=doc_no, leaving=leaving)

    def write_several(self, operation: Operation, claims: Sequence[Claim], *, leaving: Callable[[], None] | None = None) -> list[Call]:
        """One operation on several documents in one call, over the standard channel."""
        return self._standard().write_several(operation, claims, leaving=leaving)

    @property
    def documents_per_call(self) -> int:
        """The custom channel takes one document at a time: it tells the last one's number only (protocol §1.5)."""
        return 1 if self.combined else self.profile.documents_per_call

    def read(self, document: Document, *, doc_type_no: str, doc_no: str) -> ErpDocument | None:
        """The document as the ERP has it; see StandardChannel.read."""
        return self._standard().read(document, doc_type_no=doc_type_no, doc_no=doc_no)

    def probe(self) -> None:
        """A sign of life; see StandardChannel.probe. The custom channel alone has nothing harmless to ask for."""
        if self.standard is not None:
            self.standard.probe()

    def _standard(self) -> StandardChannel:
        if self.standard is None:
            raise ConfigurationError(N_("Profile {profile} has no standard_url."), profile=self.profile.name)
        return self.standard


def _above(stage: Stage) -> Stage:
    return {Stage.CREATED: Stage.APPROVED, Stage.APPROVED: Stage.POSTED}[stage]
