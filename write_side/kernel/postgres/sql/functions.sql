-- Appends a batch of requests in one transaction, deciding for each on its own, in order.
-- Arrays come flattened: a request owns the next head_counts[i] heads and event_counts[i] events.
-- result: 'appended' (version and position of the answer), 'conflict', or 'bound' (the command id is taken: what it is
-- bound to). The lock makes positions gapless and puts commits in the order of positions; it ends with the transaction.
create or replace function oneread.append(
    command_ids text[], digests bytea[], binds boolean[], targets text[], metadatas text[], occurred timestamptz[],
    head_counts integer[], event_counts integer[],
    head_streams text[], head_versions integer[], head_events uuid[],
    event_ids uuid[], event_streams text[], event_versions integer[],
    event_types text[], event_schemas integer[], event_data text[]
) returns table (result text, target text, target_version integer, at_position bigint, bound_digest bytea)
language plpgsql security definer set search_path = oneread, pg_temp as $$
declare
    last bigint;
    bound oneread.commands;
    head integer := 0;
    event integer := 0;
    conflicts boolean;
begin
    perform pg_advisory_xact_lock(7263401);
    select coalesce(max(position), 0) into last from events;
    for i in 1 .. cardinality(command_ids) loop
        target := targets[i];
        bound_digest := null;
        select * into bound from commands c where c.command_id = command_ids[i];
        if found then
            result := 'bound';
            target := bound.stream;
            target_version := bound.version;
            at_position := bound.position;
            bound_digest := bound.digest;
        else
            select exists (
                select from unnest(
                    head_streams[head + 1 : head + head_counts[i]],
                    head_versions[head + 1 : head + head_counts[i]],
                    head_events[head + 1 : head + head_counts[i]]
                ) as expected (stream, version, event_id)
                left join lateral (
                    select e.version, e.event_id from events e
                    where e.stream = expected.stream order by e.version desc limit 1
                ) actual on true
                where coalesce(actual.version, 0) <> expected.version
                    or actual.event_id is distinct from expected.event_id
            ) into conflicts;
            if conflicts then
                result := 'conflict';
                target_version := null;
                at_position := null;
            else
                result := 'appended';
                if event_counts[i] > 0 then
                    insert into events
                        (position, event_id, stream, version, type, schema_version, data, metadata, occurred_at)
                    select last + nth, n.event_id, n.stream, n.version, n.type, n.schema_version,
                        n.data::jsonb, metadatas[i]::jsonb, occurred[i]
                    from unnest(
                        event_ids[event + 1 : event + event_counts[i]],
                        event_streams[event + 1 : event + event_counts[i]],
                        event_versions[event + 1 : event + event_counts[i]],
                        event_types[event + 1 : event + event_counts[i]],
                        event_schemas[event + 1 : event + event_counts[i]],
                        event_data[event + 1 : event + event_counts[i]]
                    ) with ordinality as n (event_id, stream, version, type, schema_version, data, nth);
                    last := last + event_counts[i];
                end if;
                select e.version, e.position into target_version, at_position from events e
                    where e.stream = targets[i] order by e.version desc limit 1;
                target_version := coalesce(target_version, 0);
                if event_counts[i] > 0 or at_position is null then
                    at_position := last;
                end if;
                if binds[i] then
                    insert into commands (command_id, digest, stream, version, position)
                    values (command_ids[i], digests[i], targets[i], target_version, at_position);
                end if;
            end if;
        end if;
        head := head + head_counts[i];
        event := event + event_counts[i];
        return next;
    end loop;
end $$;

revoke all on function oneread.append from public;
grant execute on function oneread.append to oneread_app;

-- Gives the log another identity, after a restore from backup: positions that clients and projections hold of what the
-- backup lacks must not be taken for others.
create or replace function oneread.renew_log_id() returns uuid
language sql security definer set search_path = oneread, pg_temp as $$
    update log set id = gen_random_uuid() returning id
$$;
revoke all on function oneread.renew_log_id from public;
