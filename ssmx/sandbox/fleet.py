"""Fill moto with the sandbox's account: networks, instances, a group, databases, and the user who owns the key.

Everything goes through moto's backends: 200 instances take a second here, and minutes through the API.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from moto.autoscaling.models import autoscaling_backends
from moto.core.utils import utcnow
from moto.ec2.models import ec2_backends
from moto.iam.models import iam_backends
from moto.moto_api._internal import mock_random

from ssmx.sandbox.estate import databases, kindred, private, proxies
from ssmx.sandbox.estate.private import Private
from ssmx.sandbox.nodes import CONNECTION_LOST, Agent, Nodes
from ssmx.sandbox.roster import ACCOUNT, HYBRID, NETWORKS, REGION, USER, ZONES, Member, members

_SEED = 20261015
_ANYWHERE = [{"CidrIp": "0.0.0.0/0"}]


@dataclass(frozen=True, slots=True)
class _Network:
    id: str
    subnets: dict[str, str]  # zone: subnet id
    groups: dict[str, str]  # purpose: security group id


def seed(nodes: Nodes) -> Private:
    """Create the account's resources, with the same ids at every start; where the private ones are."""
    mock_random.seed(_SEED)
    ec2 = ec2_backends[ACCOUNT][REGION]
    linux, windows = _image(ec2, windows=False), _image(ec2, windows=True)
    networks = {env: _network(ec2, env, prefix) for env, prefix in NETWORKS.items()}
    # moto looks through all of its 1291 images for each instance, with patterns: a second for 200
    every_image = ec2.amis
    ec2.amis = {image: every_image[image] for image in (linux, windows)}
    grouped: dict[str, list[str]] = {}
    for member in members():
        instance = _instance(ec2, member, networks[member.env], windows if member.windows else linux)
        heard = time.time() - member.lost_for if member.lost_for else None
        nodes.describe(
            instance.id,
            Agent(member.agent, CONNECTION_LOST, heard) if member.lost_for else Agent(member.agent),
        )
        if member.group:
            grouped.setdefault(member.group, []).append(instance.id)
    ec2.amis = every_image
    for name, ids in grouped.items():
        _scaling_group(name, ids, networks["prod"], linux)
    nodes.register(HYBRID)
    prod = networks["prod"]
    databases.seed(
        subnets=list(prod.subnets.values()), group=prod.groups["database"], mysql_group=prod.groups["mysql"]
    )
    # Last, because moto draws ids in turn: those of the fleet are in documents and in scripts.
    made = private.seed(prod.id, prod.subnets, prod.groups)
    kindred.seed(made.prod)
    proxies.seed(made.prod)
    # From here on moto makes keys for sts:AssumeRole, which nobody must be able to foresee.
    mock_random.seed(secrets.randbits(256))
    return made


def own_key() -> tuple[str, str]:
    """Create the user of the sandbox; his access key id and secret, which moto has not chosen."""
    iam = iam_backends[ACCOUNT]["aws"]
    iam.create_user("us-east-1", USER)
    key = iam.create_access_key(user_name=USER)
    # moto derives the key id from its own generator; the id alone must not tell the secret
    key.secret_access_key = secrets.token_urlsafe(30)
    return key.access_key_id, key.secret_access_key


def _image(ec2: Any, *, windows: bool) -> str:
    """The first AMI of moto's list is a Windows one, so it has to be chosen."""
    return next(
        str(image.id)
        for image in ec2.describe_images()
        if image.architecture == "x86_64" and (image.platform == "windows") is windows
    )


def _network(ec2: Any, env: str, prefix: str) -> _Network:
    vpc = ec2.create_vpc(f"{prefix}.0.0/16")
    vpc.add_tags({"Name": env, "Env": env})
    subnets = {}
    for position, zone in enumerate(ZONES):
        subnet = ec2.create_subnet(vpc.id, f"{prefix}.{position * 16}.0/20", availability_zone=f"{REGION}{zone}")
        subnet.add_tags({"Name": f"{env}-private-{zone}", "Env": env})
        subnets[zone] = subnet.id
    groups = {
        purpose: ec2.create_security_group(f"{env}-{purpose}", text, vpc_id=vpc.id).id
        for purpose, text in (
            ("app", "services"),
            ("bastion", "ssh from anywhere"),
            ("database", "postgres"),
            ("mysql", "mysql"),
        )
    }
    ec2.authorize_security_group_ingress(groups["bastion"], "tcp", "22", "22", ip_ranges=_ANYWHERE)
    for purpose, port in (("database", "5432"), ("mysql", "3306")):
        inside = [{"CidrIp": f"{prefix}.0.0/16"}]
        ec2.authorize_security_group_ingress(groups[purpose], "tcp", port, port, ip_ranges=inside)
    return _Network(vpc.id, subnets, groups)


def _instance(ec2: Any, member: Member, network: _Network, image: str) -> Any:
    tags = {"Name": member.name, "Team": member.team, "Env": member.env, "Role": member.role}
    tags |= {"ssmx:jump": "true"} if member.jump else {}
    reservation = ec2.run_instances(
        image,
        1,
        None,
        [],
        instance_type=member.type,
        is_instance_type_default=True,  # or moto compares it with all types, for each instance
        region_name=REGION,
        subnet_id=network.subnets[member.zone],
        security_group_ids=[network.groups["bastion" if member.public else "app"]],
        key_name="bastion" if member.public else None,
        nics=[],
        private_ip=member.address,
        associate_public_ip=member.public,
        tags={"instance": tags},
    )
    instance = reservation.instances[0]
    instance.launch_time = utcnow() - timedelta(hours=mock_random.randrange(6, 24 * 90))
    if member.stopped:
        instance.stop()
    return instance


def _scaling_group(name: str, ids: list[str], network: _Network, image: str) -> None:
    backend = autoscaling_backends[ACCOUNT][REGION]
    backend.create_launch_configuration(
        name=name,
        image_id=image,
        key_name=None,
        kernel_id="",
        ramdisk_id="",
        security_groups=[network.groups["app"]],
        user_data=None,
        instance_type="c6i.large",
        instance_monitoring=False,
        instance_profile_name=None,
        spot_price=None,
        ebs_optimized=False,
        associate_public_ip_address=False,
        block_device_mappings=[],
    )
    backend.create_auto_scaling_group(
        name=name,
        availability_zones=[f"{REGION}{zone}" for zone in ZONES],
        desired_capacity=0,
        max_size=12,
        min_size=0,
        launch_config_name=name,
        launch_template={},
        vpc_zone_identifier=",".join(network.subnets.values()),
        default_cooldown=None,
        health_check_period=None,
        health_check_type=None,
        load_balancers=[],
        target_group_arns=[],
        placement_group=None,
        termination_policies=[],
        tags=[],
    )
    backend.attach_instances(name, ids)
