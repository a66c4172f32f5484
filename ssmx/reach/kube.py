"""A kubeconfig for a tunnel to an EKS cluster: kubectl connects here, and verifies the cluster's own name."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ssmx.app import App
from ssmx.errors import LocalFault
from ssmx.model.dialect import Access

_VERSION = "client.authentication.k8s.io/v1beta1"  # what kubectl since 1.24 and `aws eks get-token` speak


def write(app: App, access: Access, path: Path) -> Path:
    """Write it to `path`; there is no secret in it, because kubectl asks `ssmx eks-token` for its token.

    JSON is YAML. Raises LocalFault.
    """
    endpoint, name = access.endpoint, access.endpoint.name
    words = ["-P", "-m", "ssmx", "eks-token", name, "--no-input", "--quiet", "--region", app.clients.region.value]
    profile = app.settings.profile
    if profile.value and not profile.is_from_aws:
        words += ["--profile", profile.value]
    cluster = {"server": f"https://{access.place}", "tls-server-name": endpoint.host}
    if endpoint.authority:
        cluster["certificate-authority-data"] = endpoint.authority
    signs_in = {"apiVersion": _VERSION, "command": sys.executable, "args": words, "interactiveMode": "Never"}
    body = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": cluster}],
        "users": [{"name": name, "user": {"exec": signs_in}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "current-context": name,
    }
    try:
        path.write_text(json.dumps(body, indent=1), "utf-8")
    except OSError as error:
        raise LocalFault(f"cannot write {path}: {error.strerror}", hint="look at its folder") from error
    return path


def token(app: App, cluster: str) -> int:
    """Print what kubectl signs in with, as an exec plugin of its answers; gives the exit status."""
    found, until = app.cluster_token(cluster)
    status = {"token": found, "expirationTimestamp": until.strftime("%Y-%m-%dT%H:%M:%SZ")}
    app.show.json({"kind": "ExecCredential", "apiVersion": _VERSION, "spec": {}, "status": status})
    return 0
