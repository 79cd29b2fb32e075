"""Right and wrong answers to the exercises of chapter 06; the tests hold every check to them."""

import numpy as np


def _predicted_loop(u, x, m, y):
    p = np.zeros((2, 2, 2))
    for k in range(len(u)):
        for a in (0, 1):
            for b in (0, 1):
                for c in (0, 1):
                    p[a, b, c] += u[k] * x[k, a] * m[a, b] * y[b, k, c]
    return p


def _predicted_broadcast(u, x, m, y):
    each = u[:, None, None, None] * x[:, :, None, None] * m[None, :, :, None] * y.transpose(1, 0, 2)[:, None]
    return each.sum(axis=0)


def _two_latents(u, x, m, y):
    py = np.einsum("k,mky->my", u, y)
    return (u @ x)[:, None, None] * m[:, :, None] * py[None]


def _unweighed(u, x, m, y):
    return np.einsum("kx,xm,mky->xmy", x, m, y) / len(u)


def _one_kind(u, x, m, y):
    return x[0][:, None, None] * m[:, :, None] * y[:, 0][None]


def _no_u(u, x, m, y):
    return np.einsum("kx,xm,mky->xmy", x, m, y)


def _turned(u, x, m, y):
    return np.einsum("k,kx,xm,mky->ymx", u, x, m, y)


def _acted_loop(u, x, m, y):
    return [sum(m[a, b] * u[k] * y[b, k, 1] for b in (0, 1) for k in range(len(u))) for a in (0, 1)]


def _acted_matrix(u, x, m, y):
    return m @ (y[:, :, 1] @ u)


def _conditioned(u, x, m, y):
    p = _predicted_loop(u, x, m, y)
    return p[..., 1].sum(1) / p.sum((1, 2))


def _acted_unweighed(u, x, m, y):
    return m @ y[:, :, 1].mean(axis=1)


def _joint(u, x, m, y):
    return np.einsum("k,kx,xm,mk->x", u, x, m, y[:, :, 1])


def _mediator(u, x, m, y):
    return y[:, :, 1] @ u


def _chained(u, x, m, y):
    p = _predicted_loop(u, x, m, y).sum(0)
    return m @ (p[:, 1] / p.sum(1))


def _weighed_by_m(u, x, m, y):
    k_and_m = (m.T @ (x * u[:, None]).T) / (m.T @ (x * u[:, None]).T).sum(1, keepdims=True)
    return m @ (k_and_m * y[:, :, 1]).sum(1)


def _copy(other):
    def program(u, x, y):
        p = np.einsum("k,kx,xky->xy", u, x, y)
        given = p / p.sum(axis=1, keepdims=True)
        new = np.empty((2, 2, 2))
        for k in (0, 1):
            new[k, k] = given[k]
            new[1 - k, k] = other(k)
        return p.sum(axis=1), np.eye(2), new

    return program


def _far(u, x, y):
    ends = [_copy(lambda k: [k, 1 - k])(u, x, y), _copy(lambda k: [1 - k, k])(u, x, y)]
    first = np.einsum("k,xk->x", u, y[:, :, 1]) @ [-1, 1]
    effects = [np.einsum("k,xk->x", a, c[:, :, 1]) @ [-1, 1] for a, _, c in ends]
    return ends[int(np.argmax(np.abs(np.array(effects) - first)))]


def _far_three(u, x, y):
    a, b, c = _far(u, x, y)  # one value of the latent split into two alike
    return np.array([a[0] / 2, a[0] / 2, a[1]]), b[[0, 0, 1]], c[:, [0, 0, 1]]


def _slightly_off(u, x, y):
    a, b, c = _far(u, x, y)
    return a + np.array([3e-8, -3e-8]), b, c


def _other_data(u, x, y):
    return u, x, y[:, :, ::-1]


def _unsummed(u, x, y):
    return u * 2, x, y


RIGHT = {
    "06.1": [
        lambda: [1, 0, 1, 0, 0, 1, 1],
        lambda: np.array([1, 0, 1, 0, 0, 1, 1]),
        lambda: [True, False, True, False, False, True, True],
    ],
    "06.2": [_predicted_loop, _predicted_broadcast],
    "06.3": [_acted_loop, _acted_matrix],
    "06.4": [
        lambda p: np.array([-(p[1, 0] + p[0, 1]), p[1, 1] + p[0, 0]]),
        lambda p: (p[1, 1] - (p[0, 1] + p[1].sum()), p[1, 1] + p[0].sum() - p[0, 1]),
    ],
    "06.5": [_far, _far_three],
    "06.6": [lambda: [4, 0], lambda: (4, 0)],
}

WRONG = {
    "06.1": {
        "all": (lambda: [1] * 7, "B:"),
        "none": (lambda: [0] * 7, "A:"),
        "no napkin": (lambda: [1, 0, 1, 0, 0, 0, 1], "F:"),
        "instrument": (lambda: [1, 0, 1, 0, 1, 1, 1], "E:"),
        "any arc is bad": (lambda: [1, 0, 1, 0, 0, 1, 0], "G:"),
        "too few": (lambda: [1, 0, 1], "seven whole numbers"),
    },
    "06.2": {
        "two latents": (_two_latents, "twice"),
        "unweighed": (_unweighed, "How common"),
        "one kind": (_one_kind, "k = 0"),
        "no u": (_no_u, "does not sum to 1"),
        "no mechanism of M": (lambda u, x, m, y: np.einsum("k,kx,mky->xmy", u, x, y), "a line for M"),
        "axes turned": (_turned, "changed places"),
        "nothing": (lambda u, x, m, y: None, "None"),
    },
    "06.3": {
        "conditioned": (_conditioned, "P(Y=1 | x)"),
        "unweighed": (_acted_unweighed, "How common"),
        "swapped": (lambda *t: _acted_matrix(*t)[::-1], "changed places"),
        "complement": (lambda *t: 1 - _acted_matrix(*t), "Y = 0"),
        "joint": (_joint, "that factor is gone"),
        "mediator": (_mediator, "do(M=m)"),
        "chained": (_chained, "chained"),
        "weighed by M": (_weighed_by_m, "P(k | m)"),
    },
    "06.4": {
        "no data": (lambda p: [-1, 1], "rule out"),
        "seen": (lambda p: [p[1, 1] / p[1].sum() - p[0, 1] / p[0].sum()] * 2, "difference that is seen"),
        "one arm": (lambda p: [p[1, 1], p[1, 1] + p[0].sum()], "bounds of its own"),
        "turned": (lambda p: [p[1, 1] + p[0, 0], -p[1, 0] - p[0, 1]], "smallest comes first"),
        "one cell": (lambda p: [-p[1, 0], p[1, 1]], "both arms have people"),
        "the other cell": (lambda p: [-p[0, 1], p[0, 0]], "both arms have people"),
        "ends alike": (
            lambda p: [p[1, 1] - p[0, 1], p[1, 1] + p[0].sum() - p[0, 1] - p[1].sum()],
            "both at their largest",
        ),
        "given": (
            lambda p: [-(p[1, 0] / p[1].sum() + p[0, 1] / p[0].sum()), p[1, 1] / p[1].sum() + p[0, 0] / p[0].sum()],
            "joint cells",
        ),
        "signs": (lambda p: [-p[1, 1] - p[0, 0], p[1, 0] + p[0, 1]], "signs"),
    },
    "06.5": {
        "the same": (lambda u, x, y: (u, x, y), "effects differ"),
        "other data": (_other_data, "other data"),
        "no probabilities": (_unsummed, "sum to 1"),
        "two tables": (lambda u, x, y: (u, x), "three tables"),
        "nothing": (lambda u, x, y: None, "is there a return"),
        "below 0": (lambda u, x, y: (u + np.array([-2, 2]), x, y), "no probability"),
        "one end, whatever the data": (_copy(lambda k: [k, 1 - k]), "0.1 at least"),
        "the other end": (_copy(lambda k: [1 - k, k]), "0.1 at least"),
        "eight digits": (_slightly_off, "other data"),
        "shapes": (lambda u, x, y: (u, x.T[:1], y), "shapes"),
        "renamed latent": (lambda u, x, y: (u[::-1], x[::-1], y[:, ::-1]), "effects differ"),
    },
    "06.6": {
        "conclusion": (lambda: [5, 0], "were 4 true"),
        "latents": (lambda: [2, 0], "holds"),
        "theorem": (lambda: [3, 0], "holds"),
        "more rows": (lambda: [4, 1], "would more rows"),
        "first": (lambda: [1, 1], "holds"),
    },
}
