-- The log: one table of events in one order, and what command ids are bound to.
-- The role oneread_app may read and call the append function, and nothing else; whoever migrates owns it all.

create table oneread.log (
    only_row boolean primary key default true check (only_row),
    id uuid not null default gen_random_uuid(),
    created_at timestamptz not null default now()
);
insert into oneread.log default values;

create table oneread.events (
    position bigint primary key,
    event_id uuid not null,
    stream text not null,
    version integer not null check (version > 0),
    type text not null,
    schema_version smallint not null,
    data jsonb not null,
    metadata jsonb not null,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null default clock_timestamp(),
    unique (stream, version)
);

create table oneread.commands (
    command_id text primary key,
    digest bytea not null,
    stream text not null,
    version integer not null,
    position bigint not null,
    recorded_at timestamptz not null default clock_timestamp()
);

create function oneread.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'oneread.% is append-only: % is refused', tg_table_name, tg_op;
end $$;

create trigger append_only before update or delete or truncate on oneread.events
    for each statement execute function oneread.refuse_change();
create trigger append_only before update or delete or truncate on oneread.commands
    for each statement execute function oneread.refuse_change();

grant usage on schema oneread to oneread_app;
grant select on oneread.log, oneread.events, oneread.commands to oneread_app;
