"""What leaves the house: the outbox, notices on their way, credit holds, and tasks for a person."""
