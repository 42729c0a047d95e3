"""Stories, properties, services, APIs, browser, house rules and benchmarks."""
