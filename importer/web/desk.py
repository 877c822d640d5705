"""What people do on the page, each with the rights that it takes. Knows nothing of HTTP; pages and REST API are its callers.

A release is bound to what was previewed: the SHA-256 over the workbook, the references of its documents and how far they are to go.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Final

from importer.api.opening import Site
from importer.errors import ConfigurationError, NotAllowed, NotThere
from importer.ledger import AuditEntry, Ledger, Portal, Seen, Upload, UploadChange, User
from importer.messages import N_
from importer.models import Severity, Stage
from importer.pipeline.checking import Checked, check
from importer.pipeline.stockcheck import with_stock
from importer.settings import Profile, Settings
from importer.web.batch_desk import BatchDesk
from importer.web.looks import Look, Looks, Previewed, look_of
from importer.web.people_desk import PeopleDesk
from importer.web.rights import Action, may_on, profiles_of, require, whole_profiles
from importer.web.spool import Spool

__all__ = ["Desk", "Previewed", "Who"]

UNTIL: Final = (Stage.CREATED, Stage.APPROVED, Stage.POSTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """The person who acts, and from where."""

    user: User
    address: str = ""
    language: str = "zh_TW"


class Desk:
    """One per server; safe to use from many threads."""

    def __init__(self, settings: Settings, ledger: Ledger, spool: Spool) -> None:
        self.settings = settings
        self.ledger = ledger
        self.spool = spool
        self._looks = Looks()

    # -- where ---------------------------------------------------------------------------------------------------------

    @property
    def portal(self) -> Portal:
        """Users, uploads and audit trail."""
        return self.ledger.portal

    @cached_property
    def batches(self) -> BatchDesk:
        """What is done with a batch that was sent."""
        return BatchDesk(self)

    @cached_property
    def people(self) -> PeopleDesk:
        """Users, roles, tokens and the audit trail."""
        return PeopleDesk(self)

    def site(self, profile: str, language: str | None = None) -> Site:
        """The site as `importer` would open it for this profile."""
        return Site(settings=self.settings, profile=self.settings.profile(profile), language=language)

    def profiles(self, user: User, action: Action = Action.VIEW) -> list[str]:
        """The profiles in which the user may do something."""
        return profiles_of(user, self.settings.profiles, action)

    def _profile(self, name: str) -> Profile:
        return self.settings.profile(name)

    # -- handing in ----------------------------------------------------------------------------------------------------

    def hand_in(self, who: Who, *, profile: str, file: str, content: bytes, document_type: str | None = None) -> Upload:
        """A workbook: kept, checked, its findings counted. Raises NotAllowed, NotThere."""
        require(who.user, Action.UPLOAD, profile)
        if profile not in self.settings.profiles:
            raise NotThere(N_("There is no profile {name}, or you have no role in it."), name=profile)
        name = _plain_name(file)
        upload_id = self.spool.new_id()
        path = self.spool.put(upload_id, name, content)
        newest = self._newest()
        try:
            checked = self._check(path, self.site(profile, who.language), document_type)
            upload = Upload(
                id=upload_id,
                profile=profile,
                uploader=who.user.name,
                file=name,
                sha256=hashlib.sha256(content).hexdigest(),
                document_type=checked.document_type or document_type or "",
                rows=checked.rows,
                documents=sum(1 for _ in checked.every_document),
                errors=checked.errors,
                warnings=sum(found.severity is Severity.WARNING for found in checked.issues),
                until=Stage.POSTED.value,
                policy="all",
            )
            self.portal.add_upload(upload, content)
        except BaseException:
            self.spool.drop(upload_id)
            raise
        self.note(who, "uploaded", upload, name)
        kept = self._found(upload_id)
        self._looks.get(_look_key(kept, newest), lambda: look_of(Previewed(upload=kept, checked=checked, digest=digest_of(kept, checked))))
        return kept

    def _check(self, path: Path, site: Site, document_type: str | None, again: str = "") -> Checked:
        with self.spool.reading:
            checked = check(
                path,
                mappings=site.mappings,
                profile=site.profile,
                ledger=self.ledger,
                document_type=document_type or None,
                again=again,
                language=site.language,
                known=site.master_data.known,
            )
            [checked] = with_stock([checked], site.master_data)
            return checked

    def preview(self, who: Who, upload_id: str) -> Previewed:
        """Read and checked against the ledger as it is now. Raises NotAllowed, NotThere for one that is not there."""
        upload = self.upload(who, upload_id)
        site = self.site(upload.profile, who.language)
        checked = self._check(self.path(upload), site, upload.document_type, upload.again)
        return Previewed(upload=upload, checked=checked, digest=digest_of(upload, checked))

    def look(self, who: Who, upload_id: str) -> Look:
        """What a page shows of an upload: as `preview`, remembered for a while. Raises what `preview` raises."""
        key = _look_key(self.upload(who, upload_id), self._newest())
        return self._looks.get(key, lambda: look_of(self.preview(who, upload_id)))

    def _newest(self) -> str:
        """The batch that was handed in last; asked before a workbook is checked, as its documents may be known once there is another."""
        return next((batch.id for batch in self.ledger.batches(1)), "")

    def path(self, upload: Upload) -> Path:
        """The workbook as a file; written again from the ledger where it is gone."""
        return self.spool.get(upload.id, upload.file) or self.spool.put(upload.id, upload.file, self.ledger.workbook(upload.sha256))

    # -- looking -------------------------------------------------------------------------------------------------------

    def upload(self, who: Who, upload_id: str) -> Upload:
        """One that the user may see. Raises NotThere where there is none, also where it is only not theirs to see."""
        upload = self.portal.upload(upload_id)
        if upload is None or not self.may(who, Action.VIEW, upload):
            raise NotThere(N_("There is no upload {upload}."), upload=upload_id)
        return upload

    def uploads(self, who: Who, *, search: str = "", state: str | None = None, limit: int = 200, offset: int = 0) -> list[Upload]:
        """Those that the user may see, newest first."""
        states = [state] if state else None
        return self.portal.uploads(seen=self.seen_by(who), search=search, states=states, limit=limit, offset=offset)

    def seen_by(self, who: Who) -> Seen:
        """What the user may see."""
        return Seen(person=who.user.name, whole=whole_profiles(who.user, self.settings.profiles), own=self.profiles(who.user))

    def may(self, who: Who, action: Action, upload: Upload) -> bool:
        """Whether this user may do this with this upload."""
        if upload.profile not in self.settings.profiles:
            return False
        return may_on(who.user, action, upload, second_person=self._profile(upload.profile).second_person)

    def allowed(self, who: Who, action: Action, upload_id: str) -> Upload:
        """An upload with which the user may do this. Raises NotAllowed, ConfigurationError for one that is not there."""
        upload = self.upload(who, upload_id)
        if not self.may(who, action, upload):
            raise NotAllowed(N_("Your roles do not allow this in profile {profile}."), profile=upload.profile)
        return upload

    # -- maker and checker ---------------------------------------------------------------------------------------------

    def hand_on(self, who: Who, upload_id: str, *, digest: str, until: str, policy: str = "all", again: str = "") -> Upload:
        """The uploader is done with it: to the second person, or, where none is asked for, straight to the ERP.

        Raises ConfigurationError when it has errors that its policy does not allow, or is not what was previewed.
        """
        upload = self.allowed(who, Action.HAND_ON, upload_id)
        if until not in UNTIL or policy not in ("all", "good", "stop"):
            raise ConfigurationError(N_("That is none of the choices."))
        seen = self.preview(who, upload_id)
        if seen.digest != digest:
            self._looks.forget(upload.id)
            raise ConfigurationError(N_("Somebody else was faster, or it has changed: load the page again."))
        if not seen.checked.documents or (seen.checked.errors and policy != "good"):
            raise ConfigurationError(N_("This workbook has errors; correct them and upload it again."))
        site = self.site(upload.profile, who.language)
        checked = self._check(self.path(upload), site, upload.document_type, again.strip()) if again.strip() else seen.checked
        bound = digest_of(upload, checked, until=until, policy=policy, again=again)
        alone = not self._profile(upload.profile).second_person
        values: dict[str, object] = {"until": until, "policy": policy, "again": again.strip(), "preview": bound}
        values |= self._released(who) if alone else {"state": "waiting"}
        self.portal.change_upload(UploadChange(id=upload.id, from_states=["checked"], values=values))
        self.note(who, "released" if alone else "handed_on", upload, f"until {until}, policy {policy}, preview {bound}")
        return self._found(upload_id)

    def release(self, who: Who, upload_id: str, *, digest: str) -> Upload:
        """The second person agrees with what they previewed. Raises ConfigurationError when that is not what the uploader handed on."""
        upload = self.allowed(who, Action.RELEASE, upload_id)
        if digest != upload.preview or self.preview(who, upload_id).digest != digest:
            self._looks.forget(upload.id)
            raise ConfigurationError(N_("What is to be released is not what was previewed: load the page again."))
        self.portal.change_upload(UploadChange(id=upload.id, from_states=["waiting"], values=self._released(who), preview=digest))
        self.note(who, "released", upload, f"preview {digest}")
        return self._found(upload_id)

    def _released(self, who: Who) -> dict[str, object]:
        return {"state": "released", "released_by": who.user.name, "released_at": datetime.now(UTC)}

    def send_back(self, who: Who, upload_id: str, *, remark: str) -> Upload:
        """The second person does not agree, and says why."""
        upload = self.allowed(who, Action.RETURN, upload_id)
        if not remark.strip():
            raise ConfigurationError(N_("Say why, please; the uploader reads it."))
        values: dict[str, object] = {"state": "returned", "remark": remark.strip(), "released_by": who.user.name}
        self.portal.change_upload(UploadChange(id=upload.id, from_states=["waiting"], values=values))
        self.note(who, "returned", upload, remark)
        return self._found(upload_id)

    def withdraw(self, who: Who, upload_id: str) -> Upload:
        """The uploader takes it back before anything was sent."""
        upload = self.allowed(who, Action.WITHDRAW, upload_id)
        self.portal.change_upload(UploadChange(id=upload.id, from_states=["checked", "waiting"], values={"state": "withdrawn"}))
        self.note(who, "withdrawn", upload, "")
        return self._found(upload_id)

    # -- files ---------------------------------------------------------------------------------------------------------

    @contextmanager
    def results(self, who: Who, upload_id: str, *, only: str = "") -> Iterator[Path]:
        """The results workbook, as things stand; before anything was sent, the annotated workbook. With `only` "tofix" the one with
        the rows that need work; ConfigurationError where none does."""
        from importer.api.batches import results
        from importer.pipeline.reporting import annotate

        upload = self.upload(who, upload_id)
        with tempfile.TemporaryDirectory() as folder:
            if upload.batch_id:
                _, files = results(upload.batch_id, self.site(upload.profile), out=Path(folder))
                path = files.tofix if only == "tofix" else files.results
                if path is None:
                    raise ConfigurationError(N_("No row of this workbook needs to be corrected."))
            else:
                written = annotate(self.preview(who, upload_id).checked, folder=Path(folder))
                path = written or Path(shutil.copy(self.path(upload), folder))
            yield path

    # -- noting --------------------------------------------------------------------------------------------------------

    def note(self, who: Who, action: str, upload: Upload, detail: str) -> None:
        """Write down in the audit trail what somebody did with an upload."""
        entry = AuditEntry(
            user_name=who.user.name, action=action, profile=upload.profile, target=upload.id, detail=detail, address=who.address
        )
        self.portal.note(entry)

    def _found(self, upload_id: str) -> Upload:
        found = self.portal.upload(upload_id)
        if found is None:
            raise NotThere(N_("There is no upload {upload}."), upload=upload_id)
        return found


def _look_key(upload: Upload, newest: str) -> tuple[str, ...]:
    return upload.id, upload.until, upload.policy, upload.again, newest


def digest_of(upload: Upload, checked: Checked, *, until: str = "", policy: str = "", again: str | None = None) -> str:
    """SHA-256 of what a release is about; a value that is left out is the upload's own."""
    parts = [
        upload.sha256,
        upload.profile,
        until or upload.until,
        policy or upload.policy,
        upload.again if again is None else again.strip(),
        *sorted(document.token for document in checked.documents),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _plain_name(file: str) -> str:
    """The last part of whatever path a browser sent, with nothing in it that a file system could not hold."""
    name = file.replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(sign for sign in name if sign.isprintable() and sign not in '<>:"|?*').strip(" .")
    stem, dot, suffix = name.rpartition(".")
    stem, suffix = (stem, dot + suffix) if stem else (name, "")
    room = 180 - len(suffix.encode())
    return (stem.encode()[: max(room, 1)].decode(errors="ignore") or "workbook") + suffix[:20]
