"""Which versions are good, and when the plugin carries a session."""

import pytest

from ssmx.model.plugin import Kind, Verdict, automatic, best, broken, how_to_install, judge, shim

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
        ("1.2.764", Verdict.OLD, False, True),
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


def test_every_platform_is_told_how_to_install_it():
    for arm, word in ((True, "arm64"), (False, "64bit")):
        told = how_to_install(arm=arm)
        assert set(told) == {"debian", "redhat", "macos", "windows"}
        assert word in told["debian"][0]
        assert not any("{" in line for lines in told.values() for line in lines)
