"""A TARGET that has a name in ssmx.toml or config.toml, and what goes with it."""

from __future__ import annotations

from ssmx.app import App


def named(app: App, text: str) -> str:
    """The TARGET that `text` stands for, itself where it is no name; its profile, region… are those of this run.

    The command line goes before them. Raises ConfigError.
    """
    found = app.config.target(text)
    if found is None:
        return text
    app.prefer(found.scope)
    app.expanded.append(f"{text} means {found.target.value} ({found.target.origin})")
    return found.target.value
