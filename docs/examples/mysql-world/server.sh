#!/bin/sh
# A MariaDB of its own: server.sh HOST PORT FOLDER. It keeps all its data in FOLDER, and root has no password.
set -eu
PATH="$PATH:/usr/sbin:/usr/local/sbin"
mariadb-install-db --no-defaults --user="$(id -un)" --datadir="$3/data" --skip-test-db \
  --auth-root-authentication-method=normal >"$3/install.log" 2>&1 || { cat "$3/install.log" >&2; exit 1; }
echo 'CREATE DATABASE world;' >"$3/init.sql"
exec mariadbd --no-defaults --user="$(id -un)" --datadir="$3/data" --socket="$3/socket" --init-file="$3/init.sql" \
  --bind-address="$1" --port="$2" --skip-log-bin --innodb-flush-log-at-trx-commit=0
