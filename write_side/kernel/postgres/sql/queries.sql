-- The store's queries, each under its name.

-- name: identity
select id, created_at, current_setting('synchronous_commit') as synchronous_commit,
    (select max(number) from oneread.migrations) as migrated
from oneread.log

-- name: head
select coalesce(max(position), 0) from oneread.events

-- name: times
select head.position as head, clock_timestamp() as at, e.position, e.recorded_at
from (select coalesce(max(position), 0) as position from oneread.events) as head
left join oneread.events e on e.position = any ($1::bigint[])

-- name: read
select position, event_id, stream, version, type, schema_version, data::text, metadata::text, occurred_at, recorded_at
from oneread.events where position > $1 order by position limit $2

-- name: load
-- A row without a position is a snapshot; it comes before the events that follow it.
with wanted as (
    select w.stream, s.digest, s.event_id, s.version as saved, s.state, coalesce(s.version, w.after) as after
    from unnest($1::text[], $2::text[], $3::integer[]) as w (stream, digest, after)
    left join (
        oneread.snapshots s join oneread.events e
        on e.stream = s.stream and e.version = s.version and e.event_id = s.event_id
    ) on w.after = 0 and s.stream = w.stream and s.digest = w.digest
)
select null as position, event_id, stream, saved as version, digest as type, null as schema_version, state as data,
    null as metadata, null as occurred_at, null as recorded_at
from wanted where saved is not null
union all
select e.position, e.event_id, e.stream, e.version, e.type, e.schema_version, e.data::text, e.metadata::text,
    e.occurred_at, e.recorded_at
from wanted w join oneread.events e on e.stream = w.stream and e.version > w.after
order by stream, version

-- name: save
select oneread.save_snapshots($1, $2, $3, $4, $5)

-- name: position_of
select position from oneread.events where stream = $1 and version = $2

-- name: find_commands
select command_id, digest, stream, version, position from oneread.commands where command_id = any ($1::text[])

-- name: append
select result, target, target_version, at_position, bound_digest, conflicts from oneread.append(
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)

-- name: notify
-- Nothing that must last: so nobody waits for the disk.
select set_config('synchronous_commit', 'off', true), pg_notify('oneread_appended', '')
