"""The builder: lessons/ in, notebooks/, exercises/ and solutions/ out. For maintainers; learners never need it."""
