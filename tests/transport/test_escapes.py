import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmx.transport.escapes import Escape, Escapes

END, HELP = Escape.END, Escape.HELP


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        ([b"~."], [END]),
        ([b"~", b"."], [END]),
        ([b"ls\r", b"~", b"."], [b"ls\r", END]),
        ([b"ls\n~."], [b"ls\n", END]),
        ([b"a~."], [b"a~."]),
        ([b"cd ~", b"/x\r"], [b"cd ~", b"/x\r"]),
        ([b"~?"], [HELP]),
        ([b"~?~."], [HELP, END]),  # help leaves us at the beginning of the line
        ([b"~~"], [b"~"]),
        ([b"~~."], [b"~."]),
        ([b"\r~~~."], [b"\r~~."]),
        ([b"~x"], [b"~x"]),
        ([b"~\r~."], [b"~\r", END]),
        ([b"~", b"/bin\r"], [b"~/bin\r"]),
        ([b"x\r", b"y"], [b"x\r", b"y"]),
        ([b"\xe2\x82\xac~."], [b"\xe2\x82\xac~."]),
    ],
)
def test_escapes_are_those_of_ssh(typed, taken):
    escapes = Escapes(on=True)
    assert [part for data in typed for part in escapes.take(data)] == taken


def test_without_them_every_byte_is_the_nodes():
    escapes = Escapes(on=False)
    assert escapes.take(b"~.") == [b"~."]
    assert escapes.take(b"\r~?~~") == [b"\r~?~~"]


def test_for_a_carrier_with_escapes_of_its_own_a_tilde_is_sent_twice():
    escapes = Escapes(on=True, twice=True)
    assert escapes.take(b"~~.") == [b"~~."]
    assert escapes.take(b"\r~x") == [b"\r~x"]
    assert escapes.take(b"\r~.") == [b"\r", END]


@given(st.lists(st.binary(max_size=12) | st.sampled_from([b"~", b"\r", b"~~", b"a"]), max_size=12))
def test_nothing_else_is_lost_wherever_the_keys_are_cut(typed):
    whole, cut = Escapes(on=True), Escapes(on=True)
    parts = whole.take(b"".join(typed))
    pieces = [part for data in typed for part in cut.take(data)]

    def joined(parts):
        """Neighbouring bytes as one."""
        found = []
        for part in parts:
            if isinstance(part, bytes) and found and isinstance(found[-1], bytes):
                found[-1] += part
            elif part:
                found.append(part)
        return found

    assert joined(pieces) == joined(parts)


def test_where_they_are_off_those_of_the_carrier_are_too():
    escapes = Escapes(on=False, twice=True)
    assert escapes.take(b"~.a~\r~?") == [b"~~.a~\r~~?"]
