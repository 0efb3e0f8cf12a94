-- A log beside Oneread's: the same rows, and no order of all of them. Made anew in a schema of its own.
drop schema if exists oneread_bench cascade;
create schema oneread_bench;
create table oneread_bench.events (like oneread.events including all);
create table oneread_bench.commands (like oneread.commands including all);
create sequence oneread_bench.positions owned by oneread_bench.events.position;
alter table oneread_bench.events alter column position set default nextval('oneread_bench.positions');

-- What is commonly done: one append by one call, which is one transaction.
create function oneread_bench.append(
    of_command text, of_digest bytea, of_metadata text, at timestamptz,
    of_stream text, expected_version integer, expected_event uuid,
    event_ids uuid[], types text[], schemas integer[], datas text[]
) returns bigint language plpgsql as $$
declare
    actual oneread_bench.events;
    last bigint;
begin
    select * into actual from oneread_bench.events where stream = of_stream order by version desc limit 1;
    if coalesce(actual.version, 0) <> expected_version or actual.event_id is distinct from expected_event then
        raise exception 'the stream has another head by now';
    end if;
    insert into oneread_bench.events (event_id, stream, version, type, schema_version, data, metadata, occurred_at)
    select n.event_id, of_stream, expected_version + n.nth, n.type, n.schema_version, n.data::jsonb, of_metadata::jsonb, at
    from unnest(event_ids, types, schemas, datas) with ordinality as n (event_id, type, schema_version, data, nth);
    last := currval('oneread_bench.positions');
    insert into oneread_bench.commands (command_id, digest, stream, version, position)
    values (of_command, of_digest, of_stream, expected_version + cardinality(event_ids), last);
    return last;
end $$;
