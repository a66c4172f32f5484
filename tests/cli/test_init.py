"""ssmx init: a file from the tunnels that run, which brings them up again."""

import tomllib


def test_the_tunnels_that_run_are_in_the_file_and_come_up_from_it(team, ssmx, free_port):
    words = ("--background", "--port", str(free_port), "--lanes", "2")
    assert ssmx("tunnel", "rds", "orders", "--reader", *words).status == 0
    assert ssmx("forward", "admin-ui", "0:8080", "--background").status == 0
    result = ssmx("init", "-f", str(team.file))
    assert result.status == 0, result.err
    assert result.out == f"{team.file}\n"
    body = tomllib.loads(team.file.read_text())["tunnels"]
    port = body["admin-ui"].pop("port")
    assert body == {
        "orders-reader": {
            "kind": "rds",
            "endpoint": "orders",
            "reader": True,
            "port": free_port,
            "profile": "sandbox",
            "lanes": 2,
        },
        "admin-ui": {"kind": "forward", "target": "admin-ui", "remote": 8080, "profile": "sandbox"},
    }
    again = ssmx("init", "-f", str(team.file))
    assert again.status == 73
    assert "is there already" in again.err
    assert team.up("admin-ui").status == 73  # it is up already, in a process of its own
    for each in team.written:
        team.ends(each)
    assert team.up().status == 0
    assert team.port("admin-ui") == port


def test_with_no_tunnel_it_is_one_to_fill_in(team, ssmx):
    assert "no tunnel runs" in ssmx("init", "-f", str(team.file)).err
    assert team.up("--export", "env").status == 0
    assert team.ssmx("init", "-f", "/nowhere/ssmx.toml").status == 73
