"""An AWS on 127.0.0.1: moto, the Session Manager service it lacks, and nodes with real shells (optional extra)."""
