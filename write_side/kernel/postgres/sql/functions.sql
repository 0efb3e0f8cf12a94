-- Appends a batch of requests in one transaction, deciding for each on its own, in order.
-- The lock makes positions gapless and puts commits in the order of positions; it ends with the transaction.
--
-- Arrays come flattened. `versions` are those of the targets, after the request; `counts` say how many events it has. Heads
-- and events name their request by its number, from 1. A head's `maker` is the request of this batch that makes it, and so
-- it is right if that one is appended; 0: it was there before. Each stream that one request writes and a later one names is
-- made by the last to write it before, and no command id comes twice: other batches are not to be sent in one.
--
-- result: 'appended' (version and position of the answer), 'conflict' (and the streams that end elsewhere), or 'bound' (the
-- command id is taken: what it is bound to).
create or replace function oneread.append(
    command_ids text[], digests bytea[], binds boolean[], targets text[], versions integer[], counts integer[],
    head_requests integer[], makers integer[], head_streams text[], head_versions integer[], head_events uuid[],
    event_requests integer[], event_numbers integer[], event_ids uuid[], event_streams text[], event_versions integer[],
    event_types text[], event_schemas smallint[], event_data text[], event_metadata text[], event_times timestamptz[]
) returns table (
    result text, target text, target_version integer, at_position bigint, bound_digest bytea, conflicts text[]
)
language plpgsql security definer set search_path = oneread, pg_temp as $$
declare
    last bigint;
    locked text;
    taken text[];
    astray integer[];
    astray_streams text[];
    dependents integer[];
    dependent_makers integer[];
    dependent_streams text[];
    next_dependent integer := 1;
    starts bigint[] := '{}';
    places bigint[] := '{}';
    all_well boolean;
    fits boolean;
begin
    -- As an expression, which takes a tenth of the time of a query. What follows is a query of its own: it sees what was
    -- committed before the lock was had.
    locked := pg_advisory_xact_lock(7263401)::text;
    select coalesce(max(e.position), 0) into last from events e;
    select array_agg(c.command_id) into taken from commands c where c.command_id = any (command_ids);
    select array_agg(expected.request), array_agg(expected.stream) into astray, astray_streams
    from unnest(head_requests, makers, head_streams, head_versions, head_events)
        as expected (request, maker, stream, version, event_id)
    left join lateral (
        select e.version, e.event_id from events e where e.stream = expected.stream order by e.version desc limit 1
    ) actual on true
    where maker = 0
        and (coalesce(actual.version, 0) <> expected.version or actual.event_id is distinct from expected.event_id);
    all_well := taken is null and astray is null;
    if not all_well then
        select array_agg(made.request order by made.request), array_agg(made.maker order by made.request),
            array_agg(made.stream order by made.request)
        into dependents, dependent_makers, dependent_streams
        from unnest(head_requests, makers, head_streams) as made (request, maker, stream) where made.maker > 0;
    end if;

    -- Where each request's events begin and end; -1: it is not appended.
    for i in 1 .. cardinality(command_ids) loop
        fits := all_well or not (
            coalesce(command_ids[i] = any (taken), false) or coalesce(i = any (astray), false)
        );
        while dependents[next_dependent] = i loop
            fits := fits and starts[dependent_makers[next_dependent]] >= 0;
            next_dependent := next_dependent + 1;
        end loop;
        starts[i] := case when fits then last else -1 end;
        if fits then
            last := last + counts[i];
        end if;
        places[i] := last;
    end loop;

    insert into events (position, event_id, stream, version, type, schema_version, data, metadata, occurred_at)
    select starts[n.request] + n.number, n.event_id, n.stream, n.version, n.type, n.schema_version,
        n.data::jsonb, n.metadata::jsonb, n.at
    from unnest(
        event_requests, event_numbers, event_ids, event_streams, event_versions,
        event_types, event_schemas, event_data, event_metadata, event_times
    ) as n (request, number, event_id, stream, version, type, schema_version, data, metadata, at)
    where starts[n.request] >= 0;

    -- What has no events is answered, and bound, with where its target ends.
    if 0 = any (counts) then
        places := array(
            select coalesce((
                select e.position from events e where r.count = 0 and e.stream = r.stream and e.version = r.version
            ), r.place)
            from unnest(targets, versions, counts, places) with ordinality as r (stream, version, count, place, nth)
            order by nth
        );
    end if;
    insert into commands (command_id, digest, stream, version, position)
    select r.command_id, r.digest, r.stream, r.version, r.place
    from unnest(command_ids, digests, binds, targets, versions, starts, places)
        as r (command_id, digest, kept, stream, version, start, place)
    where r.kept and r.start >= 0;

    if all_well then
        return query select 'appended', r.stream, r.version, r.place, null::bytea, null::text[]
        from unnest(targets, versions, places) as r (stream, version, place);
        return;
    end if;
    return query
    with wrong as (
        select stray.request, stray.stream from unnest(astray, astray_streams) as stray (request, stream)
        union
        select made.request, made.stream
        from unnest(dependents, dependent_makers, dependent_streams) as made (request, maker, stream)
        where starts[made.maker] < 0
    ), elsewhere as (
        select wrong.request, array_agg(wrong.stream) as streams from wrong group by wrong.request
    )
    select case when r.start >= 0 then 'appended' when c.command_id is null then 'conflict' else 'bound' end,
        coalesce(c.stream, r.stream), coalesce(c.version, r.version), coalesce(c.position, r.place), c.digest,
        case when r.start < 0 and c.command_id is null then e.streams end
    from unnest(command_ids, targets, versions, starts, places)
        with ordinality as r (command_id, stream, version, start, place, nth)
    left join commands c on r.start < 0 and c.command_id = r.command_id
    left join elsewhere e on e.request = r.nth
    order by r.nth;
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
