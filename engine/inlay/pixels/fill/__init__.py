"""The built-in fill: classical exemplar-based completion of a hole, without a model."""
