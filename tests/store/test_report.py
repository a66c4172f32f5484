from ssmx.store.report import write


def test_a_bug_of_ours_is_written_down_for_nobody_else_and_named(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    error = write(ZeroDivisionError("a thing that cannot be"))
    assert (error.exit, error.code) == (70, "internal")
    assert "a thing that cannot be" in error.message
    (report,) = tmp_path.rglob("reports/*.txt")
    assert str(report) in error.hint
    assert "ZeroDivisionError" in report.read_text()
    assert report.stat().st_mode & 0o777 == 0o600
