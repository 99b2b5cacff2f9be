"""What every part stands on: errors, ids, clock, database session, typed HTTP. No knowledge of chat."""
