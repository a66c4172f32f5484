"""What the plugin says and what the node prints come in one stream, cut anywhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmx.transport.plugin.chatter import Chatter, Said

ID = "ravi-0a1b2c"
STARTING = f"\nStarting session with SessionId: {ID}\n".encode()
EXITING = f"\n\nExiting session with sessionId: {ID}.\n\n".encode()
ENDS = {
    EXITING: (Said.EXITING, ""),
    EXITING.replace(b"\n", b"\r\n"): (Said.EXITING, ""),
    f"\n\nSessionId: {ID} : because of\nthis\n\n".encode(): (Said.CLOSED, "because of this"),
    f"Session: {ID} timed out.\n".encode(): (Said.TIMED_OUT, ""),
    b"Cannot perform start session: EOF\n": (Said.FAILED, "EOF"),
    b"": (Said.NOTHING, ""),
}
PIECES = [
    *(b"$ ls\r\n", b"\n", b"\r\n", b"\n\n", b"x", b"\xff\x00", b"timed out."),
    *(b"Session", b"SessionId: ", b"Exiting session with sessionId: ", b"Cannot perform start session: "),
    *(ID.encode(), EXITING, EXITING[:-4]),
]
PRINTED = st.lists(st.sampled_from(PIECES), max_size=12)


def fed(stream, cuts):
    chatter, shown, start = Chatter(ID), b"", 0
    for cut in [*sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]:
        shown += chatter.take(stream[start:cut])
        start = cut
    rest, last = chatter.finish()
    return shown + rest, last


@pytest.mark.parametrize("end", ENDS)
@given(cuts=st.lists(st.integers(0, 400), max_size=12))
def test_the_last_word_is_found_wherever_the_stream_is_cut(end, cuts):
    shown, last = fed(STARTING + b"$ exit\r\nexit\r\n" + end, cuts)
    assert shown == b"$ exit\r\nexit\r\n"
    assert (last.said, last.reason.rstrip(". ")) == ENDS[end]


@given(printed=PRINTED, cuts=st.lists(st.integers(0, 400), max_size=12))
def test_whatever_the_node_prints_is_shown_whole(printed, cuts):
    body = b"".join(printed) + b"$"
    shown, last = fed(STARTING + body + EXITING, cuts)
    assert shown == body
    assert last.said is Said.EXITING


@given(printed=PRINTED)
def test_what_is_released_is_shown_whole_and_in_order(printed):
    chatter = Chatter(ID)
    shown = chatter.take(STARTING)
    for piece in [*printed, b"$"]:
        shown += chatter.take(piece) + chatter.release()
        assert not chatter.waits
    assert shown == b"".join(printed) + b"$"


@pytest.mark.parametrize("end", ENDS)
def test_a_last_word_that_was_released_too_early_still_tells_how_it_ended(end):
    chatter = Chatter(ID)
    for at in range(len(end)):
        chatter.take((STARTING + b"$ exit\r\n" if at == 0 else b"") + end[at : at + 1])
        chatter.release()
    _, last = chatter.finish()
    if end:
        assert (last.said, last.reason.rstrip(". ")) == ENDS[end]


@pytest.mark.parametrize("keys", [b"s", b"c", b"se", b"ca", b"x"])
def test_an_echoed_key_does_not_wait(keys):
    chatter = Chatter(ID)
    chatter.take(STARTING + b"$ ")
    assert chatter.take(keys) == keys


def test_a_beginning_that_is_none_is_given_up():
    chatter = Chatter(ID)
    assert not chatter.lost
    chatter.take(b"what\n" * 10_000)
    assert chatter.lost


@pytest.mark.parametrize(
    "line", [f"Port 5432 opened for sessionId {ID}.\n", f"Unix socket /x opened for sessionId {ID}"]
)
def test_a_local_port_is_noticed(line):
    chatter = Chatter(ID)
    chatter.take(STARTING)
    chatter.take(line.encode())
    assert chatter.port


def test_a_node_that_speaks_of_ports_opens_none():
    chatter = Chatter(ID)
    chatter.take(STARTING + b"$ ")
    chatter.take(b"Port 5432 opened for sessionId x\n")
    assert not chatter.port
