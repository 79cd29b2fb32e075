"""Small language models of worlds whose truth is known: trained in a quarter of an hour, or loaded. Taught in chapters 12 and 13."""
