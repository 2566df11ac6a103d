"""What a planner hands on: pictures today, made from plans and results."""
