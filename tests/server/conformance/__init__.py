"""The conformance kit against servers that keep the contract, and against servers that do not."""
