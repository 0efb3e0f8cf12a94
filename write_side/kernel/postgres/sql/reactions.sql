-- The queries about reactions, each under its name.

-- name: begin
select oneread.begin_reaction($1)

-- name: read
select position, event_id, stream, version, type, schema_version, data::text, metadata::text, occurred_at, recorded_at
from oneread.events where position > $1 and position <= $2 and type = any ($3::text[]) order by position limit $4

-- name: move
select oneread.move_reaction($1, $2, $3)

-- name: skip
select oneread.skip_reaction($1, $2)

-- name: report
select oneread.report_reaction($1, $2)

-- name: standing
select r.position, r.moved_at, r.failure, awaited.recorded_at as awaited
from oneread.reactions r
left join lateral (
    select e.recorded_at from oneread.events e
    where e.position > r.position and e.type = any ($2::text[]) order by e.position limit 1
) awaited on true
where r.name = $1
