"""ssmx down: what the file declares goes down, whatever has become of the file."""

PAGE = "[tunnels.page]\nkind = 'forward'\ntarget = 'payments-api'\nremote = 80\n"


def test_a_file_that_is_broken_by_now_goes_down(team):
    team.says(PAGE).up()
    team.says("[tunnels.page\n")
    assert team.down().err == "ssmx: down: page\n"
    assert team.written == []


def test_a_name_that_is_not_up_is_an_error(team):
    team.says(PAGE).up()
    result = team.down("pag")
    assert result.status == 68
    assert "no tunnel 'pag' is up from" in result.err
    assert "did you mean 'page'?" in result.err
    assert team.written[0]["tunnels"]


def test_without_a_file_here_or_above_it_says_so(team, ssmx):
    result = ssmx("down", "-f", str(team.file))
    assert result.status == 0
    assert result.err == f"ssmx: nothing of {team.file} is up\n"
