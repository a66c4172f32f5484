"""The rig: Session Manager's API, websocket gateway and agent on loopback, written apart from ssmx to check it."""
