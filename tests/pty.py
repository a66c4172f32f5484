"""The end of a program on a terminal of pexpect's."""

import time

import pexpect


def ended(child, seconds=5):
    """Wait for the end of the program; gives its exit status.

    pexpect's `close` alone sleeps for a tenth of a second, and then hangs up on a program that is not gone yet.
    """
    child.expect(pexpect.EOF)
    end = time.monotonic() + seconds
    while child.isalive() and time.monotonic() < end:
        time.sleep(0.005)
    child.ptyproc.delayafterclose = 0
    child.close()
    return child.exitstatus
