"""What the operating system needs to run a watcher: a systemd unit, and a task of the Windows Task Scheduler."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

__all__ = ["systemd_unit", "windows_task"]

STOP_S: Final = 120  # calls under way may take as long as the profile's timeout_s

UNIT: Final = """\
[Unit]
Description=TIPTOP importer: watched folders
After=network-online.target remote-fs.target
Wants=network-online.target

[Service]
Type=exec
User={user}
WorkingDirectory={folder}
ExecStart={command}
# Secrets as environment variables, in a file that only root can read:
EnvironmentFile=-/etc/tiptop-importer.env
Restart=on-failure
RestartSec=10
# 2: the configuration is wrong; starting again would not help. 130: stopped in the middle of a file, which is carried on.
RestartPreventExitStatus=2
SuccessExitStatus=130
TimeoutStopSec={stop_s}
UMask=0007
NoNewPrivileges=true
ProtectSystem=full

[Install]
WantedBy=multi-user.target
"""

TASK: Final = """\
<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo><Description>TIPTOP importer: watched folders</Description></RegistrationInfo>
  <Triggers><BootTrigger><Enabled>true</Enabled></BootTrigger></Triggers>
  <Principals><Principal id="Author"><LogonType>Password</LogonType><RunLevel>LeastPrivilege</RunLevel></Principal></Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <RestartOnFailure><Interval>PT1M</Interval><Count>999</Count></RestartOnFailure>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
  </Settings>
  <Actions Context="Author">
    <Exec><Command>{program}</Command><Arguments>{arguments}</Arguments><WorkingDirectory>{folder}</WorkingDirectory></Exec>
  </Actions>
</Task>
"""


def _command(folders: Sequence[Path], config: Path | None) -> list[str]:
    where = ["--config", str(config)] if config else []
    return [sys.executable, "-m", "importer", "watch", *(str(folder.resolve()) for folder in folders), *where]


def systemd_unit(folders: Sequence[Path], config: Path | None) -> str:
    """A unit that runs this installation with this configuration."""
    command = " ".join(_quoted(part) for part in _command(folders, config))
    return UNIT.format(user=getpass.getuser(), folder=_plain(config.parent if config else Path.cwd()), command=command, stop_s=STOP_S)


def _quoted(part: str) -> str:
    """As systemd reads a word of ExecStart."""
    escaped = part.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"' if any(sign in escaped for sign in " \t'\"\\;") else escaped


def _plain(folder: Path) -> str:
    return str(folder).replace("%", "%%")


def windows_task(folders: Sequence[Path], config: Path | None) -> str:
    """A task for `schtasks /Create /XML`."""
    program, *arguments = _command(folders, config)
    line = " ".join(f'"{part}"' if " " in part else part for part in arguments)
    folder = config.parent if config else Path.cwd()
    return TASK.format(program=escape(program), arguments=escape(line), folder=escape(str(folder)))
