#!/bin/bash
# What the image of PostgreSQL does at its first start, with the variables that compose.yaml sets.
set -euo pipefail
data=/var/lib/postgresql/data
if [ "$(id -u)" -eq 0 ]; then
    mkdir -p "$data"
    chown postgres "$data"
    chmod 700 "$data"
    exec setpriv --reuid postgres --regid postgres --init-groups "$BASH" "$0"
fi
if [ ! -e "$data/PG_VERSION" ]; then
    initdb --pgdata "$data" --username "$POSTGRES_USER" --pwfile "$POSTGRES_PASSWORD_FILE" \
        --auth scram-sha-256 --auth-local trust
    echo "host all all all scram-sha-256" >> "$data/pg_hba.conf"
    pg_ctl --pgdata "$data" --wait --options "-c listen_addresses=''" start
    createdb --username "$POSTGRES_USER" "$POSTGRES_DB"
    pg_ctl --pgdata "$data" --wait stop
fi
exec postgres -D "$data" -c 'listen_addresses=*'
