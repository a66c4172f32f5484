"""Endpoints, nodes and networks for tests, and rows of tables: what is known, and what is said then."""

from dataclasses import dataclass, field

from ssmx.model.endpoint import Endpoint
from ssmx.model.jump import judge
from ssmx.model.network import Holds, Network, Peering, Rule
from ssmx.model.target import Target

ANYWHERE = "0.0.0.0/0"
DB, APP, OTHER = "sg-db", "sg-app", "sg-other"
HERE, THERE = "10.1.0.0/16", "10.2.0.0/16"  # of vpc-1, where the endpoint is, and of vpc-2
SIX, SIX_THERE = "2001:db8:1::/56", "2001:db8:2::/56"
OPEN = Rule(APP, True, "-1", cidr=ANYWHERE)
PEERING = Peering("pcx-1", ("vpc-2", "vpc-1"))


def endpoint(**facts):
    usual = {"vpc": "vpc-1", "subnets": ("subnet-1a", "subnet-1b"), "zone": "a", "groups": (DB,)}
    return Endpoint("rds", "db", "db.internal", 5432, **{**usual, **facts})


def node(name="n", **facts):
    usual = {
        "state": "running",
        "ping": "Online",
        "vpc": "vpc-1",
        "subnet": "subnet-1a",
        "zone": "a",
        "agent_version": "3.3.0.0",
        "private_ip": "10.1.0.5",
        "groups": (APP,),
    }
    return Target(f"i-{name}", "eu-west-1", name=name, **{**usual, **facts})


def peered(**facts):
    return node(**{"vpc": "vpc-2", "subnet": "subnet-2a", "private_ip": "10.2.0.5", **facts})


def ingress(*, group=DB, ports=(5432, 5432), protocol="tcp", **peer):
    return Rule(group, False, protocol, *ports, **peer)


def egress(*, group=APP, ports=(5432, 5432), protocol="tcp", **peer):
    return Rule(group, True, protocol, *ports, **peer)


def network(*rules, unknown=(), **facts):
    """Everything is known of the three groups, but of those that are `unknown`."""
    by_group = {group: [rule for rule in rules if rule.group == group] for group in (DB, APP, OTHER)}
    known = {group: found for group, found in by_group.items() if group not in unknown}
    usual = {"cidrs": {"vpc-1": [HERE], "vpc-2": [THERE]}, "names": {DB: "db"}}
    return Network(rules=known, **{**usual, **facts})


FROM_APP = ingress(peer=APP)
ADMITS_APP = "sg-db (db) admits tcp 5432 from sg-app, which it is in"
TO_ALL = "sg-app permits tcp 5432 to 0.0.0.0/0"
PLAIN = network(FROM_APP, OPEN)
ADD_INBOUND = "aws ec2 authorize-security-group-ingress --group-id sg-db --protocol tcp --port 5432"
ADD_OUTBOUND = "aws ec2 authorize-security-group-egress --group-id sg-app --ip-permissions"
NEEDS_APP = "sg-db (db) needs an inbound rule: tcp 5432 from sg-app"
NEEDS_DB = "sg-app needs an outbound rule: tcp 5432 to sg-db (db)"
TO_DB = f"{ADD_OUTBOUND} 'IpProtocol=tcp,FromPort=5432,ToPort=5432,UserIdGroupPairs=[{{GroupId=sg-db}}]'"


@dataclass(frozen=True)
class Row:
    """A case: what is known, and how it is with one thing that has to be so, in words."""

    name: str
    about: str
    holds: Holds
    why: str
    network: Network = PLAIN
    node: Target = field(default_factory=node)
    endpoint: Endpoint = field(default_factory=endpoint)
    mend: str = ""
    command: str = ""

    @property
    def printed(self):
        return self.holds, self.why, self.mend, self.command


def said(about):
    """Rows about one thing, shorter: `yes(name, why, network)`."""

    def of(holds):
        return lambda name, why, known=PLAIN, **facts: Row(
            name, facts.pop("about", about), holds, why, known, **facts
        )

    return of(Holds.YES), of(Holds.UNKNOWN), of(Holds.NO)


def judged(row):
    """What is printed of the row's node."""
    checks = judge(row.endpoint, row.node, row.network).checks
    return next((each.holds, each.why, each.mend, each.command) for each in checks if each.about == row.about)
