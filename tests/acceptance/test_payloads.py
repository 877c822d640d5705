"""check --payloads: the requests before they are sent."""

from __future__ import annotations

import json
from xml.etree import ElementTree

from site_folder import SiteFolder, sound_rows

from importer.simulator import Simulator


def test_what_is_written_is_what_is_sent(site: SiteFolder, erp: Simulator) -> None:
    """The bodies that check writes are, byte for byte, those that run sends; check itself calls nothing."""
    path = site.workbook(sound_rows())
    assert site.cli("check", path, "--payloads", "requests").code == 0
    assert erp.call_counts() == {}
    erp.configure(keep_bodies=True)
    assert site.run(path).stages == {"posted": 3}
    files = [item for item in (site.folder / "requests").glob("*.json") if not item.name.endswith(".headers.json")]
    assert sorted(item.read_bytes() for item in files) == sorted(call.request for call in erp.calls("create"))
    headers = json.loads(next((site.folder / "requests").glob("*.headers.json")).read_text(encoding="utf-8"))
    assert headers["url"] == erp.standard_url
    assert json.loads(headers["headers"]["digi-service"])["name"] == "tt.oapi.other.out.inventory.data.create"


def test_combined_request_hides_the_password(site: SiteFolder, erp: Simulator) -> None:
    """On the combined route the SOAP request is written, with *** for the password."""
    site.configure(custom_url=erp.custom_url)
    path = site.workbook(sound_rows(documents=1))
    assert site.cli("check", path, "--route", "combined", "--payloads", "requests", IMPORTER_PASSWORD="secret-word").code == 0
    (body,) = (site.folder / "requests").glob("*.xml")
    assert "secret-word" not in body.read_text(encoding="utf-8")
    carried = next(ElementTree.fromstring(body.read_bytes()).iter("{http://www.dsc.com.tw/tiptop/TIPTOPServiceGateWay}request")).text
    assert ElementTree.fromstring(carried).find("Access/Authentication").get("password") == "***"
