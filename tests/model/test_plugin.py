"""Which versions are good, and when the plugin carries a session."""

import pytest

from ssmx.errors import NoPlugin
from ssmx.model.plugin import Kind, Verdict, automatic, best, broken, choose, how_to_install, judge, shim
from ssmx.model.settings import Value

GOOD, OLD, BAD = judge("/g", "1.2.896.0"), judge("/o", "1.2.600.0"), judge("/b", "1.2.889.0")


@pytest.mark.parametrize(
    ("said", "verdict", "supported", "usable"),
    [
        ("1.2.896.0", Verdict.GOOD, True, True),
        ("1.10.0.0", Verdict.GOOD, True, True),
        ("2", Verdict.GOOD, True, True),
        ("1.2.835.0", Verdict.GOOD, True, True),
        ("1.2.834.9", Verdict.GOOD, True, True),
        ("1.2.764.0", Verdict.GOOD, True, True),
        ("1.2.764", Verdict.GOOD, True, True),
        ("1.2.763.0", Verdict.OLD, False, True),
        ("1.2.889.0", Verdict.BAD, False, True),
        ("1.2.889.1", Verdict.BAD, False, True),
        ("1.2.688.0", Verdict.BAD, False, True),
        ("1.2.458.0", Verdict.BAD, False, False),
        ("1.2.497.0", Verdict.OLD, False, False),
        ("1.2.497.1", Verdict.OLD, False, True),
        ("1.2.0.0", Verdict.UNKNOWN, False, True),
        ("1.2.0.1", Verdict.OLD, False, False),
        ("", Verdict.BROKEN, False, False),
        ("v1.2.896.0", Verdict.BROKEN, False, False),
        ("1.2.896.0.1", Verdict.BROKEN, False, False),
        ("The Session Manager plugin was installed successfully.", Verdict.BROKEN, False, False),
    ],
)
def test_the_table_of_versions(said, verdict, supported, usable):
    plugin = judge("/p", said)
    assert (plugin.verdict, plugin.supported, plugin.usable) == (verdict, supported, usable)
    assert plugin.why or said in ("1.2.896.0", "1.10.0.0", "2", "1.2.835.0")


def test_below_the_floor_for_tunnels_it_says_so():
    assert "1.2.835.0" in judge("/p", "1.2.800.0").why


@pytest.mark.parametrize(
    ("found", "chosen"),
    [
        ([], None),
        ([shim("/s"), broken("/x", "no")], None),
        ([OLD, BAD], OLD),
        ([shim("/s"), OLD, GOOD], GOOD),
        ([BAD, broken("/x", "no")], BAD),
    ],
)
def test_the_best_is_the_first_supported_then_the_first_usable(found, chosen):
    assert best(found) == chosen


@pytest.mark.parametrize(
    ("plugin", "carrier"), [(GOOD, "plugin"), (OLD, "native"), (BAD, "native"), (None, "native")]
)
def test_auto_takes_a_supported_plugin_for_shells_and_for_nothing_else(plugin, carrier):
    assert automatic(Kind.SHELL, plugin).carrier == carrier
    for kind in set(Kind) - {Kind.SHELL}:
        assert automatic(kind, plugin).carrier == "native"


def chosen(transport, found, configured=""):
    return choose(
        Kind.SHELL,
        found,
        transport=Value(transport, "--transport"),
        configured=Value(configured, "SSMX_PLUGIN" if configured else "default"),
    )


@pytest.mark.parametrize(
    ("transport", "found", "carrier", "plugin", "warning"),
    [
        ("native", [GOOD], "native", None, ""),
        ("auto", [GOOD], "plugin", GOOD, ""),
        ("auto", [OLD, GOOD], "plugin", GOOD, ""),
        ("auto", [OLD], "native", OLD, ""),
        ("auto", [], "native", None, ""),
        ("plugin", [GOOD], "plugin", GOOD, ""),
        ("plugin", [OLD], "plugin", OLD, "warning: session-manager-plugin 1.2.600.0 (/o) is old: AWS asks for"),
        ("plugin", [BAD], "plugin", BAD, "warning: session-manager-plugin 1.2.889.0 (/b) is bad: AWS withdrew it"),
    ],
)
def test_what_carries_a_session(transport, found, carrier, plugin, warning):
    choice = chosen(transport, found)
    assert (choice.carrier, choice.plugin) == (carrier, plugin)
    assert choice.warning.startswith(warning)
    assert bool(choice.warning) == bool(warning)


def test_only_as_many_are_looked_at_as_it_takes():
    def found():
        yield GOOD
        raise AssertionError("looked further")

    assert chosen("auto", found()).plugin == GOOD
    assert chosen("native", found()).plugin is None


def test_a_plugin_that_was_asked_for_and_cannot_be_used_is_an_error_that_says_why():
    with pytest.raises(NoPlugin, match="none is installed"):
        chosen("plugin", [])
    with pytest.raises(NoPlugin, match=r"/x: no \(plugin from SSMX_PLUGIN\)"):
        chosen("plugin", [broken("/x", "no")], "/x")
    assert chosen("auto", [broken("/x", "no")], "/x").warning == "/x: no (plugin from SSMX_PLUGIN)"


def test_every_platform_is_told_how_to_install_it():
    for arm, word in ((True, "arm64"), (False, "64bit")):
        told = how_to_install(arm=arm)
        assert set(told) == {"debian", "redhat", "macos", "windows"}
        assert word in told["debian"][0]
        assert not any("{" in line for lines in told.values() for line in lines)
