"""ssmx: shells and tunnels to EC2 instances by name, through AWS Systems Manager Session Manager."""

__version__ = "0.1.0"
