"""The web: an OGC API over a store, and the planner's map page. The only room that knows Flask and HTTP."""
