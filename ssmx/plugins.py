"""What there is of the official plugin on this machine, and what ssmx makes of it."""

from __future__ import annotations

from pathlib import Path

from ssmx.app import App
from ssmx.model.plugin import Kind, Plugin, Verdict, automatic, best, how_to_install
from ssmx.transport.plugin import shim as links
from ssmx.transport.plugin.find import installed, this_platform

_HEADINGS = ("PLUGIN", "VERSION", "VERDICT", "WHY")


def status(app: App) -> int:
    """Print which plugins are installed, what `auto` would use them for, and how to install one.

    Exit status 1 where none is installed that ssmx would use by itself.
    """
    found = list(installed(app.settings.plugin.value))
    used = best(found)
    supported = used is not None and used.supported
    match app.settings.output.value:
        case "json":
            app.show.json(_as_json(app, found, used))
        case "name":
            app.show.lines([used.path] if used is not None else [])
        case "table":
            _show(app, found, used)
        case form:
            app.show.table(_HEADINGS, [_row(each) for each in found], form=form)
    return 0 if supported else 1


def shim(app: App, folder: str) -> int:
    """Put ssmx in the plugin's place, and print where; gives the exit status. Raises LocalFault."""
    path, found = links.write(_folder(folder)), links.first_on_path()
    app.show.lines([str(path)])
    if not found:
        app.show.note(f"{path.parent} is not on PATH yet: callers of session-manager-plugin look there")
    elif not (Path(found).exists() and path.samefile(found)):
        app.show.note(f"{found} comes first on PATH: callers go on using that one")
    return 0


def remove_shim(app: App, folder: str) -> int:
    """Take it away; gives the exit status, 1 where there is none. Raises LocalFault."""
    path, was_there = links.place(_folder(folder)), links.remove(_folder(folder))
    app.show.note(f"{path} is removed" if was_there else f"there is no shim of ssmx's at {path}")
    return 0 if was_there else 1


def _folder(text: str) -> Path:
    return Path(text) if text else links.DEFAULT_FOLDER


def _show(app: App, found: list[Plugin], used: Plugin | None) -> None:
    if found:
        app.show.table(_HEADINGS, [_row(each) for each in found], form="table")
    else:
        app.show.lines(["session-manager-plugin is not installed; ssmx carries every session itself."])
    app.show.lines([""])
    choices = [(kind, automatic(kind, used)) for kind in Kind]
    rows = [[str(kind), choice.carrier, choice.why] for kind, choice in choices]
    app.show.table(("SESSION", "CARRIED BY", "WHY"), rows, form="table")
    if app.settings.transport.value != "auto":
        transport = app.settings.transport
        app.show.lines(["", f"That is for transport = auto; yours is {transport.value} ({transport.origin})."])
    if used is None or used.why or not used.supported:
        platform, arm = this_platform()
        every = how_to_install(arm=arm)
        app.show.lines(["", "To install the newest:"])
        for name, lines in every.items():
            if name == platform or not platform:
                app.show.lines([f"  {line}" for line in lines])


def _row(plugin: Plugin) -> list[str]:
    return [plugin.path, plugin.version, str(plugin.verdict), plugin.why]


def _as_json(app: App, found: list[Plugin], used: Plugin | None) -> dict[str, object]:
    platform, arm = this_platform()
    choices = {str(kind): automatic(kind, used) for kind in Kind}
    return {
        "plugins": [
            {"path": each.path, "version": each.version, "verdict": str(each.verdict), "why": each.why}
            | {"supported": each.supported, "usable": each.usable, "official": each.verdict is not Verdict.SHIM}
            for each in found
        ],
        "used": used.path if used is not None else None,
        "auto": {kind: {"transport": choice.carrier, "why": choice.why} for kind, choice in choices.items()},
        "transport": app.settings.transport.value,
        "platform": platform or None,
        "install": how_to_install(arm=arm),
    }
