"""Messages for people: what has ended is gathered for a while, put into one message per channel, and delivered until it is taken."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from importer.errors import ConfigurationError, NotDelivered
from importer.messages import N_
from importer.notify.channels import channels
from importer.notify.digest import Digest, Item, Notice

if TYPE_CHECKING:
    from importer.api.opening import Site
    from importer.ledger.outbox import Message, NoticeRow
    from importer.ledger.watched import WatchedFile
    from importer.watcher.desk import Desk
    from importer.watcher.place import Place

__all__ = ["note", "tell", "try_channels"]

FIRST_S: Final = 60  # after a first failure; doubled each time
SLOWEST: Final = timedelta(hours=1)
GIVE_UP: Final = timedelta(days=3)
STEPS: Final = 10  # of one delivery, each with its own time-out
AT_ONCE: Final = 2_000  # files in one message


def note(desk: Desk, key: str, text: str, **values: object) -> None:
    """Something that people should know once: an English text of the message catalogue and its values."""
    told = {"text": text, "values": {name: str(value) for name, value in values.items()}}
    if desk.ledger.outbox.note(desk.place.id, key, json.dumps(told)):
        desk.log.warning("notice", key=key, text=text.format(**values))


def try_channels(site: Site, place: Place) -> Iterator[tuple[str, NotDelivered | ConfigurationError | None]]:
    """Send a test message over every channel: its name, and why it was not taken."""
    digest = Digest(folder=str(place.root), at=datetime.now(UTC), notices=[Notice(text=N_("This is a test message of the importer."))])
    language = site.language or site.profile.language
    for name, way in channels(site.settings, language=language, email_to=place.rules.email_to).items():
        try:
            way(digest)
        except (NotDelivered, ConfigurationError) as error:
            yield name, error
        else:
            yield name, None


def tell(desk: Desk, *, flush: bool = False) -> None:
    """Gather what is due (everything with `flush`) and deliver what waits."""
    settings = desk.site.settings
    ways = channels(settings, language=desk.language, email_to=desk.place.rules.email_to)
    _gather(desk, ways, timedelta(0) if flush else timedelta(minutes=settings.notify.every_min))
    for message in desk.ledger.outbox.due(desk.place.id):
        _deliver(desk, message, ways.get(message.channel))
        if desk.stop.is_set() and not flush:
            break
    desk.pulse.messages = desk.ledger.outbox.waiting(desk.place.id)


def _gather(desk: Desk, ways: Mapping[str, object], every: timedelta) -> None:
    outbox = desk.ledger.outbox
    files, notices = outbox.untold(desk.place.id)
    files = files[:AT_ONCE]
    moments = [*(file.changed_at for file in files), *(row.at for row in notices)]
    if not moments or desk.files.now() - min(moments) < every:
        return
    digest = _digest(desk, files, notices)
    bodies = dict.fromkeys(ways, digest.dump()) if digest.items or digest.notices else {}
    outbox.post(desk.place.id, [file.id for file in files], [row.key for row in notices], bodies)


def _digest(desk: Desk, files: list[WatchedFile], notices: list[NoticeRow]) -> Digest:
    wanted = desk.site.settings.notify.tell
    return Digest(
        folder=str(desk.place.root),
        at=desk.files.now(),
        items=[_item(file) for file in files if file.outcome in wanted],
        notices=[Notice(**json.loads(row.notice)) for row in notices] if "trouble" in wanted else [],
    )


def _item(file: WatchedFile) -> Item:
    facts = json.loads(file.report)
    (_, path), *beside = json.loads(file.targets)
    return Item(
        file=file.name,
        outcome=file.outcome,
        path=path,
        results=[target for _, target in beside],
        batch=file.batch_id,
        document_type=facts.get("document_type", ""),
        documents=facts.get("documents", 0),
        stages=facts.get("stages", {}),
        rejected=facts.get("rejected", 0),
        unknown=facts.get("unknown", 0),
        already_imported=facts.get("already_imported", 0),
        errors=facts.get("errors", 0),
        message=facts.get("message", ""),
    )


def _deliver(desk: Desk, message: Message, way: Callable[[Digest], None] | None) -> None:
    outbox = desk.ledger.outbox
    if not outbox.take(message, _hold(desk, message.channel)):
        return
    if way is None:
        outbox.failed(message, "the channel is no longer configured", again_in=None)
        return
    try:
        way(Digest.load(message.body))
    except (NotDelivered, ConfigurationError) as error:
        again = _again(message, desk.files.now())
        desk.log.warning("message_not_delivered", channel=message.channel, reason=str(error), given_up=again is None)
        outbox.failed(message, str(error), again_in=again)
    else:
        desk.log.info("message_sent", channel=message.channel)
        outbox.sent(message)


def _hold(desk: Desk, channel: str) -> timedelta:
    """How long a delivery may take; after that whoever began it counts as dead."""
    notify, name = desk.site.settings.notify, channel.partition(":")[2]
    part = notify.webhooks.get(name, notify.email)
    return timedelta(seconds=part.timeout_s * STEPS)


def _again(message: Message, now: datetime) -> timedelta | None:
    if now - message.made_at > GIVE_UP:
        return None
    return min(timedelta(seconds=FIRST_S * 2 ** min(message.tries, 10)), SLOWEST)
