"""What a call leaves behind is let go of at once: collecting garbage in cycles would stop all lanes for a third of a second at a time."""

from __future__ import annotations

import gc
from pathlib import Path

from site_folder import SiteFolder, sound_rows

from importer.flow import Recorded
from importer.simulator import Simulator, SimulatorSettings
from importer.transport import _Answer


def test_calls_leave_nothing_to_the_garbage_collection(tmp_path: Path) -> None:
    """Neither answers nor outcomes are still there after a run that never collected."""
    with Simulator(SimulatorSettings(calls_kept=0)) as erp:
        site = SiteFolder(tmp_path, erp.standard_url, concurrency=4)
        book = site.workbook(sound_rows(documents=20, lines=1))
        gc.collect()
        gc.disable()
        try:
            assert site.run(book).stages == {"posted": 20}
            left = [type(thing).__name__ for thing in gc.get_objects() if isinstance(thing, (Recorded, _Answer))]
        finally:
            gc.enable()
        site.close()
    assert left == []
