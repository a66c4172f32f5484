"""What there is in an AWS account of any number of nodes, and its answers: rendered beforehand, as bytes.

Every region has the same nodes. An instance is as large as EC2 makes them. Of services that are not played there is
nothing in the account.
"""

import json
import time
from fnmatch import fnmatchcase
from hashlib import sha1
from pathlib import Path
from string import Template

NUMBER = "123456789012"
NAME = "payments-api-0042"  # there is one of it in every account of more than 42 nodes
_TEAMS = ("payments", "orders", "search", "billing", "reports", "media", "login", "stock", "mail", "shop")
_ROLES = ("api", "worker", "web", "cache", "cron", "queue", "edge", "batch", "proxy", "db")
_OF_A_ROLE = 100
REGIONS = (
    *("ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2"),
    *("ca-central-1", "eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1", "eu-west-1", "eu-west-2"),
    *("eu-west-3", "me-south-1", "sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2"),
)
_EC2 = 'xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"'


def names(size):
    """The names of the nodes, each once: a hundred of a role, such as payments-api-0000."""
    for each in range(size):
        role = each // _OF_A_ROLE
        yield f"{_TEAMS[role % 10]}-{_ROLES[role // 10 % 10]}-{role // 100 * _OF_A_ROLE + each % _OF_A_ROLE:04}"


def node_id(name):
    return f"i-{sha1(name.encode()).hexdigest()[:17]}"


class Rendered:
    """What there is to know of the nodes, as bytes: one piece for each node in each form that is asked for."""

    def __init__(self, size):
        self.now = time.time()
        self.names = list(names(size))
        self.ids = [node_id(name) for name in self.names]
        self.place = {each: at for pair in (self.ids, self.names) for at, each in enumerate(pair)}
        self.tags = [self._tags(name) for name in self.names]
        instance = Template(Path(__file__).with_name("instance.xml").read_text())
        facts = [self._facts(at) for at in range(size)]
        self.instances = [instance.substitute(each).encode() for each in facts]
        self.managed = [json.dumps(self._managed(each)).encode() for each in facts]
        self.name_tags = [
            f"<item><resourceId>{node}</resourceId><resourceType>instance</resourceType><key>Name</key>"
            f"<value>{name}</value></item>".encode()
            for node, name in zip(self.ids, self.names, strict=True)
        ]

    def fitting(self, filters):
        """The places of the nodes that fit all of `filters`, name → values, read as EC2 and SSM do."""
        found = range(len(self.names))
        for name, values in filters.items():
            if name in ("instance-id", "InstanceIds", "tag:Name") and not any(map(_is_pattern, values)):
                some = {self.place[each] for each in values if each in self.place}
                found = [at for at in found if at in some] if len(found) < len(self.names) else sorted(some)
            elif name == "instance-state-name":
                found = found if "running" in values else ()
            elif name.startswith("tag:"):
                key = name[4:]
                found = [
                    at for at in found if any(fnmatchcase(self.tags[at].get(key, ""), each) for each in values)
                ]
            elif name == "ResourceType":
                found = found if "EC2Instance" in values else ()
            elif name == "value":
                found = [at for at in found if any(fnmatchcase(self.names[at], each) for each in values)]
        return found

    def _tags(self, name):
        role = name.rpartition("-")[0]
        return {"Name": name, "Role": role, "Team": role.partition("-")[0], "Env": "prod"}

    def _facts(self, at):
        address = f"10.{at >> 16}.{at >> 8 & 255}.{at & 255}"
        return {
            "account": NUMBER,
            "id": self.ids[at][2:],
            "name": self.names[at],
            "role": self.tags[at]["Role"],
            "team": self.tags[at]["Team"],
            "zone": "abc"[at % 3],
            "address": address,
            "host": f"ip-{address.replace('.', '-')}",
        }

    def _managed(self, facts):
        return {
            "InstanceId": f"i-{facts['id']}",
            "InstanceType": "m6i.large",
            "InstanceState": "running",
            "PingStatus": "Online",
            "LastPingDateTime": self.now - 42.5,
            "LaunchTime": 1767255164.0,
            "AgentVersion": "3.3.987.0",
            "IsLatestVersion": False,
            "PlatformType": "Linux",
            "PlatformName": "Amazon Linux",
            "PlatformVersion": "2023",
            "Architecture": "x86_64",
            "ResourceType": "EC2Instance",
            "IPAddress": facts["address"],
            "ComputerName": f"{facts['host']}.eu-west-1.compute.internal",
            "AssociationStatus": "Success",
            "LastAssociationExecutionDate": self.now - 1800,
            "LastSuccessfulAssociationExecutionDate": self.now - 1800,
            "AssociationOverview": {
                "DetailedStatus": "Success",
                "InstanceAssociationStatusAggregatedCount": {"Success": 2},
            },
            "SourceId": f"i-{facts['id']}",
            "SourceType": "AWS::EC2::Instance",
        }


def answer(known, operation, request):
    """Status and body; XML where it begins with `<`."""
    match operation:
        case "DescribeInstances":
            found = known.fitting(_filters(request) | _listed(request, "InstanceId", "instance-id"))
            chosen, more = _page(found, request, 1000)
            inside = b"".join(known.instances[at] for at in chosen)
            return 200, _xml(operation, b"<reservationSet>\n" + inside + b"</reservationSet>", more)
        case "DescribeRegions":
            rows = "".join(f"<item><regionName>{each}</regionName></item>" for each in REGIONS)
            return 200, _xml(operation, f"<regionInfo>{rows}</regionInfo>".encode(), "")
        case "DescribeTags":
            filters = _filters(request)
            found = known.fitting({"value": filters["value"]} if "value" in filters else {})
            chosen, more = _page(found if "Name" in filters.get("key", ["Name"]) else (), request, 1000)
            return 200, _xml(
                operation, b"<tagSet>" + b"".join(known.name_tags[at] for at in chosen) + b"</tagSet>", more
            )
        case "DescribeInstanceInformation":
            filters = {each["Key"]: each["Values"] for each in request.get("Filters", ())}
            unknown = [each for each in filters.get("InstanceIds", ()) if each not in known.place]
            if unknown:
                return 400, _json({"__type": "InvalidInstanceId", "message": unknown[0]})
            return 200, _list(b"InstanceInformationList", known, known.fitting(filters), request, 50)
        case "DescribeInstanceProperties":
            return 200, _list(b"InstanceProperties", known, range(len(known.names)), request, 1000)
        case "StartSession":
            return 400, _json(
                {"__type": "TargetNotConnected", "message": f"{request.get('Target')} is not connected."}
            )
        case "TerminateSession":
            return 200, _json({"SessionId": request["SessionId"]})
        case _ if operation in _EMPTY:
            return 200, _EMPTY[operation](operation)
        case "GetCallerIdentity":
            who = (
                f"<Arn>arn:aws:iam::{NUMBER}:user/ravi</Arn><UserId>AIDAEXAMPLE</UserId><Account>{NUMBER}</Account>"
            )
            said = f"<GetCallerIdentityResponse><GetCallerIdentityResult>{who}</GetCallerIdentityResult>"
            return 200, f"{said}</GetCallerIdentityResponse>".encode()
        case _ if "Action" in request:
            return 200, _result(operation, _DATABASE if operation == "DescribeDBInstances" else "")
        case _:
            return 200, b"{}"


DATABASE = "payments-prod"
_DATABASE = f"""<DBInstances><DBInstance><DBInstanceIdentifier>{DATABASE}</DBInstanceIdentifier>
<DBInstanceStatus>available</DBInstanceStatus><Engine>postgres</Engine><MasterUsername>postgres</MasterUsername>
<DBInstanceArn>arn:aws:rds:eu-west-1:{NUMBER}:db:{DATABASE}</DBInstanceArn>
<Endpoint><Address>{DATABASE}.c8365695b094.eu-west-1.rds.amazonaws.com</Address><Port>5432</Port></Endpoint>
<AvailabilityZone>eu-west-1a</AvailabilityZone><DBSubnetGroup><VpcId>vpc-0a1b2c3d4e5f60718</VpcId></DBSubnetGroup>
<VpcSecurityGroups><VpcSecurityGroupMembership><VpcSecurityGroupId>sg-0c2d3e4f506172839</VpcSecurityGroupId>
<Status>active</Status></VpcSecurityGroupMembership></VpcSecurityGroups></DBInstance></DBInstances>"""


def _is_pattern(value):
    return "*" in value or "?" in value


def _filters(request):
    """`Filter.1.Name`, `Filter.1.Value.1`… of the query protocol."""
    found = {}
    for key, value in request.items():
        if key.startswith("Filter.") and ".Value." in key:
            found.setdefault(request[f"Filter.{key.split('.')[1]}.Name"], []).append(value)
    return found


def _listed(request, key, name):
    values = [value for each, value in request.items() if each.startswith(f"{key}.")]
    return {name: values} if values else {}


def _page(found, request, most):
    """The places of this page, and the token of the next; empty on the last."""
    start, size = int(request.get("NextToken") or 0), min(most, int(request.get("MaxResults") or most))
    return found[start : start + size], str(start + size) if start + size < len(found) else ""


def _xml(operation, body, more):
    token = f"<nextToken>{more}</nextToken>" if more else ""
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<{operation}Response {_EC2}>{token}'
    return head.encode() + body + f"</{operation}Response>".encode()


def _result(operation, inside):
    return f"<{operation}Response><{operation}Result>{inside}</{operation}Result></{operation}Response>".encode()


def _list(name, known, found, request, most):
    chosen, more = _page(found, request, most)
    token = f', "NextToken": "{more}"' if more else ""
    return b'{"%s": [%s]%s}' % (name, b", ".join(known.managed[at] for at in chosen), token.encode())


def _json(body):
    return json.dumps(body).encode()


_EMPTY = {  # answers with nothing in them
    "ListDocuments": lambda _: _json({"DocumentIdentifiers": []}),
    "ListTagsForResource": lambda _: _json({"TagList": []}),
    "DescribeSecurityGroups": lambda operation: _xml(operation, b"<securityGroupInfo/>", ""),
    "DescribeVpcs": lambda operation: _xml(operation, b"<vpcSet/>", ""),
    "DescribeAutoScalingInstances": lambda operation: _result(operation, "<AutoScalingInstances/>"),
}
