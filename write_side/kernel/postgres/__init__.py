"""The event store on PostgreSQL: the only code that speaks to it. SQL lives in the files below `sql`."""
