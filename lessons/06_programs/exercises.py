# %% [markdown]
# Six exercises on programs with hidden variables. The tables are small enough to see through: every latent has few values, so all sums can
# be done with NumPy.

# %%
import numpy as np

from causalcourse import check, hint

# %% [markdown]
# ### 06.1 Which answers are guaranteed? · level 1 of 3 · 4 min
#
# For each drawing a program with latents for its arcs is fitted, and fits perfectly. Every combination of values occurs. Must its effect of `X` on
# `Y` be the true one, if the drawing is right? Answer with seven numbers: 1 for yes, 0 for no. (`identify` may help; guess first.)
#
# | | drawing |
# |---|---|
# | A | `Z -> X -> Y; Z -> Y` |
# | B | `X -> Y; X <-> Y` |
# | C | `X -> M -> Y; X <-> Y` |
# | D | `X -> M -> Y; X <-> M` |
# | E | `Z -> X -> Y; X <-> Y` |
# | F | `W -> Z -> X -> Y; W <-> X; W <-> Y` |
# | G | `X -> M -> Y; M <-> Y` |

# %%
def guaranteed():
    """Seven numbers, 1 or 0, for A to G."""
    # solution
    return [1, 0, 1, 0, 0, 1, 1]
    # end


check("06.1", guaranteed)

# %% [markdown] tags=["solution"]
# **Why.** A back door, C front door, F napkin: identifiable. G as well: `X` has no hidden cause at all, so what is seen is what acting does. B and
# D: the arc joins `X` to something it acts on directly, a hedge. E is an instrument: without a further assumption it only bounds the effect.

# %% [markdown]
# ### 06.2 What the program predicts · level 1 of 3 · 6 min
#
# A program for `X -> M -> Y; X <-> Y` has a latent `k` for the arc. Write the distribution of what is *seen*, `p[x, m, y]`: the one that a fit
# compares with the records.

# %%
def predicted(u, x, m, y):
    """P(x, m, y) as an array [x, m, y].

    u[k]: P(k). x[k, x]: P(x | k). m[x, m]: P(m | x). y[m, k, y]: P(y | m, k).
    Each sums to 1 over its last index.
    """
    # solution
    return np.einsum("k,kx,xm,mky->xmy", u, x, m, y)
    # end


check("06.2", predicted)

# %% [markdown] tags=["solution"]
# **Why.** One factor for each line of the program, and a sum over what nobody sees. The sum is *outside* the product: the same latent stands in
# two factors, and that is what confounding is.

# %% [markdown]
# ### 06.3 Acting on the program · level 2 of 3 · 8 min
#
# The same program. Now somebody sets `X`. Write $P(Y = 1 \mid do(X = x))$ for both `x`.

# %%
def acted(u, x, m, y):
    """[P(Y=1 | do(X=0)), P(Y=1 | do(X=1))].

    u[k]: P(k). x[k, x]: P(x | k). m[x, m]: P(m | x). y[m, k, y]: P(y | m, k).
    Each sums to 1 over its last index.
    """
    # solution
    return np.einsum("k,xm,mk->x", u, m, y[:, :, 1])
    # end


check("06.3", acted)

# %% [markdown] tags=["solution"]
# **Why.** To act is to cut one factor out: P(x | k) is gone, and the latent keeps its own distribution P(k). Had we *seen* x, it would be P(k | x).

# %% [markdown]
# ### 06.4 What the data allow · level 2 of 3 · 10 min
#
# For the bow `X -> Y; X <-> Y` no program that fits is better than another. But not every effect is possible. From the joint table `p[x, y]`, give the smallest and
# the largest effect P(Y=1 | do(X=1)) − P(Y=1 | do(X=0)) that any model of the bow can have.

# %%
def bounds(p):
    """[smallest, largest] effect. p[x, y]: joint table, shape (2, 2), sums to 1."""
    # solution
    return [-p[1, 0] - p[0, 1], p[1, 1] + p[0, 0]]
    # end


check("06.4", bounds)

# %% [markdown] tags=["solution"]
# **Why.** P(Y=1 | do(X=1)) is P(x=1, y=1) plus an unknown part for those who had x=0: something between 0 and P(x=0). The same for
# do(X=0). Take one at its smallest and the other at its largest. The width is always 1: a coin's worth of ignorance, whatever the data.

# %% [markdown]
# ### 06.5 The colleague's program · level 3 of 3 · 15 min
#
# Here is a program for the bow: `u[k]`, `x[k, x]`, `y[x, k, y]`. Write *another* one, with the same `p[x, y]` to nine digits, whose effect of
# `X` on `Y` differs from the first one's by 0.1 at least. Your latent may have as many values as you like.

# %%
def other_program(u, x, y):
    """(u, x, y) of another program: u[k], x[k, x], y[x, k, y], each summing to 1 over its last index.

    u[k]: P(k). x[k, x]: P(x | k). y[x, k, y]: P(y | x, k).
    """
    # solution
    p = np.einsum("k,kx,xky->xy", u, x, y)  # what is seen
    given = p / p.sum(axis=1, keepdims=True)  # P(y | x)
    effect = np.einsum("k,xk->x", u, y[:, :, 1]) @ [-1, 1]
    tables = []
    for other in (0.0, 1.0):  # the latent is X itself; what Y does where X and latent differ is never seen
        new = np.empty((2, 2, 2))
        for k in (0, 1):
            new[k, k] = given[k]
            new[1 - k, k] = [other, 1 - other] if k == 0 else [1 - other, other]
        tables.append((p.sum(axis=1), np.eye(2), new))
    effects = [np.einsum("k,xk->x", a, c[:, :, 1]) @ [-1, 1] for a, _, c in tables]
    return tables[int(np.abs(np.array(effects) - effect).argmax())]
    # end


check("06.5", other_program)

# %% [markdown] tags=["solution"]
# **Why.** Let the latent *be* what X would be: k = x always. Then half of the table `y[x, k]` is never seen, and you may write there what you like.
# Those are the ends of the bounds of 06.4. Every choice in between fits as well.

# %% [markdown]
# ### 06.6 Spot the mistake: it fits, so it is right · level 2 of 3 · 6 min
#
# A colleague reports:
#
# 1. My program has the drawing `X -> M -> Y; X <-> Y`. There are very many rows, every combination of values occurs, and on held-out rows it predicts
#    as well as any program can.
# 2. Its latent has four values, and the gene it stands for has two. For the effect that does not matter.
# 3. In this drawing the effect of `X` on `Y` is identifiable. So if the drawing is right, the program's effect tends to the true one.
# 4. The fit is perfect, so the drawing is right.
# 5. So with rows enough, the program's effect is the true one.
#
# Return two numbers: the first sentence that does not follow, and whether more rows of `X`, `M`, `Y` would show the mistake (1) or not (0).

# %%
def first_slip():
    """[number of the sentence, 1 or 0]."""
    # solution
    return [4, 0]
    # end


check("06.6", first_slip)

# %% [markdown] tags=["solution"]
# **Why.** This drawing forbids nothing about P(x, m, y): the fit is perfect in towns where it is right and in towns where it is wrong. More rows show the
# same perfect fit more clearly. What 4 needs is knowledge of the town.
