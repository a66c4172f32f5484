"""What is in the sandbox's PostgreSQL: roles, who may enter how, and a table for each database."""

from __future__ import annotations

SUPERUSER = "rdsadmin"  # RDS's own name for it; the front lets nobody in under it
IAM_USER = "ravi"

# The front has asked whom it lets in as these; the socket is in a folder that others cannot enter. Whoever the
# master user creates is asked by PostgreSQL itself.
ACCESS = f"local all {SUPERUSER},postgres,{IAM_USER} trust\nlocal all all scram-sha-256\n"

ROLES = (
    # RDS's master user is no superuser
    "CREATE ROLE postgres LOGIN CREATEDB CREATEROLE",
    f"CREATE ROLE {IAM_USER} LOGIN",
    "CREATE ROLE rds_iam NOLOGIN",
    f"GRANT rds_iam TO {IAM_USER}",
)

_PAYMENTS = """
CREATE TABLE payments (
    id bigint PRIMARY KEY,
    customer text NOT NULL,
    amount numeric(12, 2) NOT NULL,
    currency char(3) NOT NULL,
    status text NOT NULL,
    created_at timestamptz NOT NULL
);
INSERT INTO payments
SELECT n,
    'cus_' || lpad((n * 7919 % 1000)::text, 4, '0'),
    (n * 104729 % 50000)::numeric / 100 + 1,
    (ARRAY['EUR', 'GBP', 'USD'])[n % 3 + 1],
    (ARRAY['settled', 'settled', 'settled', 'pending', 'refunded', 'failed'])[n % 6 + 1],
    timestamptz '2026-09-01 08:00:00+00' + n * interval '37 minutes'
FROM generate_series(1, 200) AS n;
GRANT SELECT ON payments TO ravi;
"""

_ORDERS = """
CREATE TABLE orders (
    id bigint PRIMARY KEY,
    payment_id bigint NOT NULL,
    items integer NOT NULL,
    state text NOT NULL,
    placed_at timestamptz NOT NULL
);
INSERT INTO orders
SELECT n,
    n,
    n * 31 % 9 + 1,
    (ARRAY['delivered', 'delivered', 'shipped', 'packed'])[n % 4 + 1],
    timestamptz '2026-09-01 07:58:00+00' + n * interval '37 minutes'
FROM generate_series(1, 120) AS n;
GRANT SELECT ON orders TO ravi;
"""

DATABASES = {"payments": _PAYMENTS, "orders": _ORDERS}  # owned by the master user, as their tables
