"""Small language models of worlds whose truth is known. Taught in chapters 12 and 13."""
