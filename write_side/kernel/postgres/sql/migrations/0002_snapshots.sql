-- Saved states of long streams, by the digest of the code that made them. Disposable: the log tells the same.

create table oneread.snapshots (
    stream text not null,
    digest text not null,
    version integer not null,
    event_id uuid not null,
    state text not null,
    saved_at timestamptz not null default now(),
    primary key (stream, digest)
);
grant select on oneread.snapshots to oneread_app;
