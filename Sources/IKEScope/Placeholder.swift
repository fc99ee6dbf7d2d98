// Filled in by the first type that lives here.
