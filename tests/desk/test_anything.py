"""Property: no answer, however odd, raises out of a judge, and a wrong one always hears a sentence."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from causalcourse.checks import compare
from causalcourse.checks.compare import judge_function, judge_value

ODD = [
    object(),
    type,
    lambda: 1,
    range(4),
    iter([1]),
    (x for x in ()),
    slice(3),
    memoryview(b"a"),
    float("inf"),
    10**400,
    -0.0,
    complex(1, 2),
    np.datetime64("2020-01-01"),
    np.float16(1),
    np.array(None),
    np.ma.masked,
    np.array([1, "a"], dtype=object),
    np.zeros((0, 3)),
    pd.NA,
    pd.NaT,
    pd.Timestamp("2020"),
    pd.DataFrame(),
    pd.Series(["a"]),
    pd.Series([1.0, None]),
    pd.DataFrame({"a": [1], "b": ["x"]}),
    pd.Categorical(["a"]),
    pd.Series([pd.NA]),
    pd.Index([1, 2]),
    pd.DataFrame([[1, 2]], columns=["a", "a"]),
    Exception("e"),
    ...,
    np.array([(1, 2.0)], dtype=[("a", int), ("b", float)]),
    bytearray(b"x"),
    np.str_("a"),
    pd.Series({"a": pd.NA}),
]


class Hostile:
    """Every question put to it ends badly."""

    def _fail(self, *_):
        raise RuntimeError("no")

    __len__ = __iter__ = __float__ = __array__ = __eq__ = __bool__ = __repr__ = __getitem__ = __hash__ = _fail


plain = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.complex_numbers(),
    st.text(max_size=5),
    st.binary(max_size=3),
)
keys = st.one_of(st.text(max_size=3), st.integers())
nested = st.recursive(
    st.one_of(plain, st.sampled_from(ODD), st.builds(Hostile)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.tuples(inner, inner), st.dictionaries(keys, inner, max_size=3)
    ),
    max_leaves=6,
)
anything = st.one_of(
    nested,
    arrays(st.sampled_from([float, int, bool, complex, "U2"]), array_shapes(max_dims=3, max_side=3)),
)
KINDS = [
    (compare.number(), 0.5),
    (compare.probability(), 0.25),
    (compare.array(0, 1), np.array([0.1, 0.9])),
    (compare.array(), np.eye(2)),
    (compare.integers(3, low=1, high=3), [1, 2, 3]),
    (compare.integers(), [1, 2]),
    (compare.table(), pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]})),
    (compare.table(), pd.Series({"a": 1.0})),
    (compare.choice(["a", "b"]), "b"),
    (compare.yes_no(), True),
    (compare.findings(), ""),
]


@settings(max_examples=400, deadline=None, derandomize=True)
@given(answer=anything, k=st.integers(0, len(KINDS) - 1))
def test_no_value_raises_out_of_a_judge(answer, k):
    kind, truth = KINDS[k]
    verdict = judge_value(answer, truth, returns=kind)
    assert verdict.passed or verdict.message.strip()
    assert len(verdict.message) < 1000


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(answer=anything, k=st.integers(0, len(KINDS) - 1))
def test_nothing_a_function_returns_raises_out_of_a_judge(answer, k):
    kind, truth = KINDS[k]
    verdict = judge_function(lambda x: answer, [(1.0,), (2.0,)], lambda x: truth, returns=kind)
    assert verdict.passed or verdict.message.strip()
    assert verdict.kind != "ours"


def test_every_odd_object_meets_every_kind():
    for odd in [*ODD, Hostile(), [Hostile()], {"a": Hostile()}]:
        for kind, truth in KINDS:
            verdict = judge_value(odd, truth, returns=kind)
            assert verdict.passed or verdict.message.strip()
