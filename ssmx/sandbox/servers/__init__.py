"""What runs behind the account's endpoints: PostgreSQL, Redis, pages over TLS, an API of Kubernetes."""
