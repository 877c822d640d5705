"""All state of one simulator, behind one lock."""

from __future__ import annotations

import threading

from importer.simulator.calls import CallLog
from importer.simulator.erp.erp import Erp
from importer.simulator.faults import Faults
from importer.simulator.judge import Judge
from importer.simulator.master import Master, MasterData
from importer.simulator.master.lookup import load_master
from importer.simulator.settings import SimulatorSettings
from importer.simulator.standard.services import Services


class World:
    """Whoever reads or changes anything here holds `lock`; the HTTP side and the owner of the simulator are two threads."""

    def __init__(self, settings: SimulatorSettings, data: MasterData | None = None) -> None:
        self.lock = threading.RLock()
        self.settings = settings
        self._begin(data or load_master(settings.master))

    def _begin(self, data: MasterData) -> None:
        self.data = data
        self.erp = Erp(self.settings, data)
        self.services = Services(self.settings.site_names)
        self.faults = Faults(self.settings.faults, seed=self.settings.seed)
        self.judge = Judge()
        self.calls = CallLog(self.settings.calls_kept)

    def reset(self) -> None:
        """Back to the first minute: no documents, opening stock, the faults of the settings. Settings and master data stay."""
        with self.lock:
            self._begin(self.data)

    def configure(self, settings: SimulatorSettings) -> None:
        """New settings at once; documents, stock and the call log stay."""
        with self.lock:
            faults_changed = settings.faults != self.settings.faults
            self.settings = settings
            self.erp.configure(settings, self.erp.master)
            self.services.rename(settings.site_names)
            if faults_changed:
                self.faults.replace(settings.faults)
            if self.calls.recent.maxlen != settings.calls_kept:
                self.calls.recent = type(self.calls.recent)(self.calls.recent, maxlen=settings.calls_kept)

    def change_master(self, data: MasterData) -> None:
        """New master data. Opening stock counts only from the next reset on."""
        with self.lock:
            self.data = data
            self.erp.configure(self.settings, Master(data))
