"""Migrations: forward only, one process at a time."""

import asyncpg

from write_side.kernel.errors import LogUnavailable
from write_side.kernel.positions import LogId
from write_side.kernel.postgres import sql
from write_side.kernel.postgres.connections import APP_ROLE, REFUSED, UNREACHABLE

_LOCK = 7263402
_FUNCTIONS = """
    select oid::regprocedure::text as signature from pg_proc
    where pronamespace = 'oneread'::regnamespace and prokind = 'f' and prorettype <> 'trigger'::regtype
"""


async def migrate(url: str, *, renew_log_id: bool = False) -> list[str]:
    """Brings the database at `url` up to date, as its owner. Returns the names of the migrations that it ran.

    `renew_log_id` gives the log another identity, as it has to be after a restore from backup. Raises `LogUnavailable`.
    """
    try:
        connection = await asyncpg.connect(url)
    except (*UNREACHABLE, *REFUSED) as error:
        raise LogUnavailable(f"PostgreSQL does not answer: {error}") from error
    try:
        await connection.execute("select pg_advisory_lock($1)", _LOCK)
        ran = await _run(connection)
        if renew_log_id:
            LogId(await connection.fetchval("select oneread.renew_log_id()"))
        return ran
    finally:
        await connection.close()


async def _run(connection: "asyncpg.Connection[asyncpg.Record]") -> list[str]:
    await connection.execute(
        f"""
        do $$ begin
            if not exists (select from pg_roles where rolname = '{APP_ROLE}') then
                create role {APP_ROLE} nologin;
            end if;
        exception when duplicate_object or unique_violation then null;
        end $$;
        grant {APP_ROLE} to current_user;
        create schema if not exists oneread;
        create table if not exists oneread.migrations (
            number integer primary key, name text not null, applied_at timestamptz not null default now()
        );
        grant select on oneread.migrations to {APP_ROLE};
        """
    )
    done = {row["number"] for row in await connection.fetch("select number from oneread.migrations")}
    ran = []
    for number, name, text in sql.migrations():
        if number not in done:
            async with connection.transaction():
                await connection.execute(text)
                await connection.execute("insert into oneread.migrations (number, name) values ($1, $2)", number, name)
            ran.append(name)
    await _make_functions(connection)
    return ran


async def _make_functions(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    async with connection.transaction():
        try:
            async with connection.transaction():
                # In place, so that who runs them meanwhile need not notice.
                await connection.execute(sql.functions())
        except (asyncpg.AmbiguousFunctionError, asyncpg.InvalidFunctionDefinitionError):
            # Those of before have other arguments, or answer in another shape: they have to make room.
            for found in await connection.fetch(_FUNCTIONS):
                await connection.execute(f"drop function {found['signature']}")
            await connection.execute(sql.functions())
