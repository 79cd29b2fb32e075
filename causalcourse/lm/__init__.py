"""Small language models of worlds whose truth is known: trained, probed and edited. Taught in chapters 12 and 13."""
