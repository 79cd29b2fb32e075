"""Answers to four exercises on six."""

SIX = [lambda: 6, lambda: 2 * 3]
NOT_SIX = {f"is {n}": (lambda n=n: n, "not six") for n in (0, 1, 2, 5, 7)}

RIGHT = {
    "00.1": SIX,
    "00.2": SIX,
    "00.3": SIX,
    "00.4": SIX,
}
WRONG = {
    "00.1": NOT_SIX,
    "00.2": NOT_SIX,
    "00.3": NOT_SIX,
    "00.4": NOT_SIX,
}
