from ssmx.model.log import Reader, last_run

AT, LATER = "2026-11-28T00:00:00.000+00:00", "2026-11-28T00:00:01.000+00:00"


def test_a_line_without_a_time_has_that_of_the_line_above_it():
    read = list(Reader().read(["odd", f"{AT} one", "  more", f"{LATER} two", ""]))
    assert [(each.at, each.text) for each in read] == [
        ("", "odd"),
        (AT, "one"),
        (AT, "  more"),
        (LATER, "two"),
        (LATER, ""),
    ]
    assert read[1].raw == f"{AT} one"


def test_what_is_said_of_others_is_left_out_piece_by_piece():
    reader = Reader(["sessions"])
    assert list(reader.read([f"{AT} sessions: gone"])) == []
    assert [each.text for each in reader.read(["still of sessions", f"{AT} sessions-2: here"])] == [
        "sessions-2: here"
    ]


def test_the_last_run_begins_with_the_last_line_that_says_so():
    lines = [f"{AT} begun", f"{AT} old", f"{LATER} begun", f"{LATER} new", "begun"]
    assert last_run(lines, "begun") == lines[2:]
    assert last_run(lines[3:], "begun") == lines[3:]
    assert last_run([], "begun") == []
