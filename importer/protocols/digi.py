"""The `digi` envelope of the standard channel (protocol §2.1): who calls which service, for which plant, and the key over it.

The values are the same in every format and style; each writes them in its own way and takes the key over what it wrote.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Final

from importer.settings import Profile

__all__ = ["compact", "datakey", "headers", "host", "key_of", "target"]


def host(profile: Profile, now: datetime) -> dict[str, str]:
    """The caller; `now` is its time stamp, local time."""
    digi = profile.digi
    return {
        "prod": digi.host_prod,
        "ver": digi.host_ver,
        "ip": digi.host_ip,
        "id": digi.host_id,
        "lang": profile.language,
        "timezone": digi.timezone,
        "timestamp": now.strftime("%Y%m%d%H%M%S") + f"{now.microsecond // 1000:03d}",
        "acct": profile.user,
    }


def target(profile: Profile, service: str) -> dict[str, str]:
    """The service that is called."""
    digi = profile.digi
    return {"prod": digi.service_prod, "name": service, "srvver": digi.service_version, "ip": digi.service_ip, "id": digi.service_id}


def datakey(profile: Profile) -> dict[str, str]:
    """Which company's data; the plant is `CompanyId` (protocol §9.1 rule 9)."""
    return {"EntId": profile.ent_id, "CompanyId": profile.plant, **profile.digi.datakey}


def headers(profile: Profile, service: str, now: datetime) -> dict[str, str]:
    """Header style (§2.1 A): the whole envelope in HTTP headers; digi-key is taken over exactly the texts sent."""
    digi = profile.digi
    host_text, service_text = compact(host(profile, now)), _compacted(tuple(target(profile, service).items()))
    return {
        "digi-type": digi.type,
        "digi-protocol": digi.protocol,
        "digi-data-exchange-protocol": digi.data_exchange_protocol,
        "digi-host": host_text,
        "digi-service": service_text,
        "digi-datakey": _compacted(tuple(datakey(profile).items())),
        **({"digi-key": key_of(host_text + service_text, profile)} if digi.key else {}),
        **digi.headers,
    }


_COMPACT: Final = json.JSONEncoder(separators=(",", ":"))


def compact(table: Mapping[str, str]) -> str:
    """JSON in ASCII, as HTTP headers are, and without blanks."""
    return _COMPACT.encode(table)


@lru_cache(maxsize=256)
def _compacted(items: tuple[tuple[str, str], ...]) -> str:
    """The same for what is the same in every call."""
    return compact(dict(items))


def key_of(text: str, profile: Profile) -> str:
    """MD5 hex over the host and service texts and the site's salt (protocol §2.1, §9.1 rule 4)."""
    digest = hashlib.md5((text + profile.digi.key_salt).encode(), usedforsecurity=False).hexdigest()
    return digest.upper() if profile.digi.key_upper else digest
