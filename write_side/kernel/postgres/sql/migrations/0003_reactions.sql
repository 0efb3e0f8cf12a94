-- How far each reaction has come in the log. Moved by functions alone, like everything that the role oneread_app changes.

create table oneread.reactions (
    name text primary key,
    position bigint not null check (position >= 0),
    moved_at timestamptz not null default clock_timestamp(),
    failure text
);

grant select on oneread.reactions to oneread_app;
