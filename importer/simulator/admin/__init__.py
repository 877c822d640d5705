"""The view of the referee: everything the simulator knows, as JSON and as a page. No ERP has this."""
