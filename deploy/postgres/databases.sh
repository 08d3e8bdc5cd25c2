#!/bin/sh
# Run once, by the image of PostgreSQL, when its volume is new: two users with a database (Temporal: two) each.
# Bookwright's may create roles, because its migrations make the two that row-level security applies to.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set bookwright="$BOOKWRIGHT_DB_PASSWORD" --set temporal="$TEMPORAL_DB_PASSWORD" <<'SQL'
CREATE ROLE bookwright LOGIN CREATEROLE NOSUPERUSER NOBYPASSRLS NOCREATEDB PASSWORD :'bookwright';
CREATE DATABASE bookwright OWNER bookwright;
CREATE ROLE temporal LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB PASSWORD :'temporal';
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;
\connect bookwright
CREATE EXTENSION vector;
SQL
