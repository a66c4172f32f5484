"""The account's databases and other private services: what there is, and how AWS's calls list it."""
