"""What is to be done once is done by one process."""

import os

from ssmx.store.claim import claim


def in_a_process(work):
    """What it gives, in a process of its own that has ended."""
    pid = os.fork()
    if pid == 0:
        os._exit(bool(work()))
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 1


def test_one_of_many_processes_has_it(tmp_path):
    path = str(tmp_path / "claims" / "prod,,")
    start, go = os.pipe()
    pids = []
    for _ in range(30):
        pid = os.fork()
        if pid == 0:
            os.close(go)
            os.read(start, 1)
            os._exit(claim(path, 60.0))
        pids.append(pid)
    os.close(start)
    os.close(go)
    assert sum(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids) == 1


def test_it_is_had_again_after_a_while(tmp_path):
    path = str(tmp_path / "claims" / "prod,,")
    assert in_a_process(lambda: claim(path, 60.0))
    assert not in_a_process(lambda: claim(path, 60.0))
    os.utime(path, (1, 1))
    assert in_a_process(lambda: claim(path, 60.0))
    os.utime(path, (9e9, 9e9))  # a clock that was wrong
    assert in_a_process(lambda: claim(path, 60.0))


def test_nobody_has_it_where_it_cannot_be_written(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "file")
    assert not claim(str(tmp_path / "file" / "claim"), 60.0)
    assert not claim(str(tmp_path / "link"), 60.0)
