"""The builder: lessons/ in, notebooks/, exercises/ and solutions/ out. Learners never need it."""
