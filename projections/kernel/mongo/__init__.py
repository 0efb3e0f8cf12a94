"""The document store on MongoDB: the only code that speaks to it."""
