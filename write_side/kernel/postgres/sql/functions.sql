-- Appends a batch of requests in one transaction, deciding for each on its own, in order.
-- The lock makes positions gapless and puts commits in the order of positions; it ends with the transaction.
--
-- Arrays come flattened. Of requests: `versions` is the target's version after each, `changing` says that it has events,
-- `ends` and `head_ends` say how many events and heads there are up to the end of it. Of heads: `made` says that an earlier request of the batch makes it. Of
-- events: all that their rows hold. `in_line` says that all of the batch can be appended, as far as it depends on itself:
-- each head that is made here is made by the last request before that writes the stream, and no command id comes twice.
--
-- result: 'appended' (version and position of the answer), 'conflict' (and the streams that end elsewhere), or 'bound' (the
-- command id is taken: what it is bound to).
create or replace function oneread.append(
    command_ids text[], digests bytea[], binds boolean[], targets text[], versions integer[],
    changing boolean[], ends integer[], head_ends integer[], in_line boolean,
    head_streams text[], head_versions integer[], head_events uuid[], made boolean[],
    event_ids uuid[], event_streams text[], event_versions integer[], event_types text[],
    event_schemas smallint[], event_data text[], event_metadata text[], event_times timestamptz[]
) returns table (
    result text, target text, target_version integer, at_position bigint, bound_digest bytea, conflicts text[]
)
language plpgsql security definer set search_path = oneread, pg_temp as $$
declare
    before bigint;
    places bigint[];
    bound commands;
    first_head integer;
    first_event integer;
begin
    perform pg_advisory_xact_lock(7263401);
    select coalesce(max(e.position), 0) into before from events e;

    -- Nearly always all can be appended: that is one look at everything, and one statement for each table.
    if in_line and not exists (select from commands c where c.command_id = any (command_ids)) and not exists (
        select from unnest(head_streams, head_versions, head_events, made) as expected (stream, version, event_id, made_here)
        left join lateral (
            select e.version, e.event_id from events e where e.stream = expected.stream order by e.version desc limit 1
        ) actual on true
        where not made_here
            and (coalesce(actual.version, 0) <> expected.version or actual.event_id is distinct from expected.event_id)
    ) then
        insert into events (position, event_id, stream, version, type, schema_version, data, metadata, occurred_at)
        select before + nth, n.event_id, n.stream, n.version, n.type, n.schema_version, n.data::jsonb, n.metadata::jsonb, n.at
        from unnest(
            event_ids, event_streams, event_versions, event_types, event_schemas, event_data, event_metadata, event_times
        ) with ordinality as n (event_id, stream, version, type, schema_version, data, metadata, at, nth);
        places := array(
            select case when r.changes then before + r.ending else coalesce(
                (select e.position from events e where e.stream = r.stream and e.version = r.version), before + r.ending
            ) end
            from unnest(targets, versions, ends, changing) with ordinality as r (stream, version, ending, changes, nth)
            order by nth
        );
        insert into commands (command_id, digest, stream, version, position)
        select r.command_id, r.digest, r.stream, r.version, r.place
        from unnest(command_ids, digests, binds, targets, versions, places)
            as r (command_id, digest, kept, stream, version, place)
        where kept;
        return query
            select 'appended', r.stream, r.version, r.place, null::bytea, null::text[]
            from unnest(targets, versions, places) with ordinality as r (stream, version, place, nth) order by nth;
        return;
    end if;

    -- Each by itself, after those before it.
    for i in 1 .. cardinality(command_ids) loop
        target := targets[i];
        target_version := null;
        at_position := null;
        bound_digest := null;
        conflicts := null;
        first_head := coalesce(head_ends[i - 1], 0) + 1;
        first_event := coalesce(ends[i - 1], 0) + 1;
        select * into bound from commands c where c.command_id = command_ids[i];
        if found then
            result := 'bound';
            target := bound.stream;
            target_version := bound.version;
            at_position := bound.position;
            bound_digest := bound.digest;
        else
            select array_agg(expected.stream) into conflicts
            from unnest(
                head_streams[first_head : head_ends[i]],
                head_versions[first_head : head_ends[i]],
                head_events[first_head : head_ends[i]]
            ) as expected (stream, version, event_id)
            left join lateral (
                select e.version, e.event_id from events e where e.stream = expected.stream order by e.version desc limit 1
            ) actual on true
            where coalesce(actual.version, 0) <> expected.version or actual.event_id is distinct from expected.event_id;
            result := case when conflicts is null then 'appended' else 'conflict' end;
        end if;
        if result = 'appended' then
            insert into events (position, event_id, stream, version, type, schema_version, data, metadata, occurred_at)
            select before + nth, n.event_id, n.stream, n.version, n.type, n.schema_version,
                n.data::jsonb, n.metadata::jsonb, n.at
            from unnest(
                event_ids[first_event : ends[i]], event_streams[first_event : ends[i]],
                event_versions[first_event : ends[i]], event_types[first_event : ends[i]],
                event_schemas[first_event : ends[i]], event_data[first_event : ends[i]],
                event_metadata[first_event : ends[i]], event_times[first_event : ends[i]]
            ) with ordinality as n (event_id, stream, version, type, schema_version, data, metadata, at, nth);
            before := before + ends[i] - first_event + 1;
            target_version := versions[i];
            if not changing[i] then
                select e.position into at_position from events e where e.stream = targets[i] and e.version = versions[i];
            end if;
            at_position := coalesce(at_position, before);
            if binds[i] then
                insert into commands (command_id, digest, stream, version, position)
                values (command_ids[i], digests[i], targets[i], target_version, at_position);
            end if;
        end if;
        return next;
    end loop;
end $$;

revoke all on function oneread.append from public;
grant execute on function oneread.append to oneread_app;

-- Keeps snapshots of streams, the latest of each digest. Those of code that saved nothing for a day go when others come.
create or replace function oneread.save_snapshots(
    streams text[], digests text[], versions integer[], event_ids uuid[], states text[]
) returns void
language plpgsql security definer set search_path = oneread, pg_temp as $$
begin
    -- Nobody waits for the disk: what is lost is folded again.
    perform set_config('synchronous_commit', 'off', true);
    delete from snapshots s using unnest(streams) as n (stream)
        where s.stream = n.stream and s.digest <> all (digests) and s.saved_at < now() - interval '1 day';
    insert into snapshots as s (stream, digest, version, event_id, state)
        select * from unnest(streams, digests, versions, event_ids, states) as n (stream, digest, version, event_id, state)
        order by n.stream, n.digest
        on conflict (stream, digest) do update
            set version = excluded.version, event_id = excluded.event_id, state = excluded.state, saved_at = now()
            where s.version < excluded.version;
end $$;
revoke all on function oneread.save_snapshots from public;
grant execute on function oneread.save_snapshots to oneread_app;

-- Gives the log another identity, after a restore from backup: positions that clients and projections hold of what the
-- backup lacks must not be taken for others.
create or replace function oneread.renew_log_id() returns uuid
language sql security definer set search_path = oneread, pg_temp as $$
    update log set id = gen_random_uuid() returning id
$$;
revoke all on function oneread.renew_log_id from public;

-- The place of a reaction. One that is new stands at the log's end.
create or replace function oneread.begin_reaction(reaction text) returns bigint
language sql security definer set search_path = oneread, pg_temp as $$
    insert into reactions (name, position) select reaction, coalesce(max(position), 0) from events
        on conflict (name) do nothing;
    select position from reactions where name = reaction;
$$;

-- Moves a reaction on from where it is known to stand. Whether it stood there.
create or replace function oneread.move_reaction(reaction text, start_at bigint, end_at bigint) returns boolean
language plpgsql security definer set search_path = oneread, pg_temp as $$
begin
    -- Nobody waits for the disk: commands that are sent again, since a place was lost, have the ids of before.
    perform set_config('synchronous_commit', 'off', true);
    update reactions set position = end_at, moved_at = clock_timestamp()
        where name = reaction and position = start_at and end_at >= start_at;
    return found;
end $$;

-- Has a reaction let everything pass up to a position, unless it is past that.
create or replace function oneread.skip_reaction(reaction text, end_at bigint) returns void
language sql security definer set search_path = oneread, pg_temp as $$
    update reactions set position = end_at, moved_at = clock_timestamp() where name = reaction and position < end_at
$$;

-- Notes what keeps a reaction; null: nothing does.
create or replace function oneread.report_reaction(reaction text, problem text) returns void
language sql security definer set search_path = oneread, pg_temp as $$
    update reactions set failure = problem where name = reaction and failure is distinct from problem
$$;

revoke all on function
    oneread.begin_reaction, oneread.move_reaction, oneread.skip_reaction, oneread.report_reaction from public;
grant execute on function
    oneread.begin_reaction, oneread.move_reaction, oneread.skip_reaction, oneread.report_reaction to oneread_app;
