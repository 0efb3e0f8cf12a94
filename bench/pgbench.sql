-- One append: two events of the client's own stream, and what its command id is bound to. One statement, one transaction.
-- Command ids grow, as those of the event store do, so that the index is as compact.
\set version :version + 2
with appended as (
    insert into oneread_bench.events (event_id, stream, version, type, schema_version, data, metadata, occurred_at)
    values
        (gen_random_uuid(), :stream || lpad(:client_id, 4, '0'), :version - 1,
            :type, 1, :first::jsonb, :metadata::jsonb, :at::timestamptz),
        (gen_random_uuid(), :stream || lpad(:client_id, 4, '0'), :version,
            :type, 1, :second::jsonb, :metadata::jsonb, :at::timestamptz)
    returning position
)
insert into oneread_bench.commands (command_id, digest, stream, version, position)
select lpad(max(position)::text, 32, '0'), decode(:digest, 'hex'), :stream || lpad(:client_id, 4, '0'),
    :version, max(position)
from appended;
