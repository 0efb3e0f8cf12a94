-- As many events as $1 says, an even number, straight into an empty log: ten in each stream, two of each command.
with events as (
    insert into oneread.events (position, event_id, stream, version, type, schema_version, data, metadata, occurred_at)
    select n, gen_random_uuid(), 'order-ord_' || md5(((n - 1) / 10)::text), (n - 1) % 10 + 1, $2::text, 1,
        case n % 2 when 1 then $3::jsonb else $4::jsonb end, $5::jsonb, $6::timestamptz
    from generate_series(1, $1::bigint) as n
)
insert into oneread.commands (command_id, digest, stream, version, position)
select md5('command ' || n), $7::bytea, 'order-ord_' || md5(((n - 1) / 10)::text), (n - 1) % 10 + 1, n
from generate_series(2, $1::bigint, 2) as n
