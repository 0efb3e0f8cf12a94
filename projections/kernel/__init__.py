"""The domain-free projections: document classes, folds, the projector, the document store. Names no read model."""
