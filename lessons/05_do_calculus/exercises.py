# %% [markdown]
# Six exercises on what data can answer. The first takes three minutes. In two of them you prove a result, with an assistant that
# lets no wrong step through.

# %%
import numpy as np

from causalcourse import check, hint
from causalcourse.docalculus import Derivation

# %% [markdown]
# ### 05.1 Which rule? · level 1 of 3 · 4 min
#
# Seven equalities, each in its drawing. Which rule gives the equality in **one** step? Answer with seven numbers: 1, 2 or 3, and 0
# where no rule does.
#
# | | drawing | equality |
# |---|---|---|
# | A | `Z -> X -> Y` | P(y given do(x), z) = P(y given do(x)) |
# | B | `Z -> X -> Y; Z -> Y` | P(y given do(x), z) = P(y given x, z) |
# | C | `Y -> X` | P(y given do(x)) = P(y) |
# | D | `X -> Y; X <-> Y` | P(y given do(x)) = P(y given x) |
# | E | `X -> M -> Y; X <-> Y` | P(y given do(x), do(m)) = P(y given do(m)) |
# | F | `X -> M -> Y; X <-> Y` | P(y given do(x), m) = P(y given do(x), do(m)) |
# | G | `X -> W; X <-> Y` | P(y given do(x), w) = P(y given w) |

# %%
def which_rule():
    """Seven numbers from 0 to 3, for A to G."""
    # solution
    return [1, 2, 3, 0, 3, 2, 0]
    # end


check("05.1", which_rule)

# %% [markdown] tags=["solution"]
# **Why.** A: once X is set, Z says nothing more. B: with Z known no back door from X is open. C: X is below Y, so setting it does nothing.
# D: the back door X <-> Y is open. E: with M set, X reaches Y no more. F: with X set, no back door from M is open. G: `W` is given
# and is below X, so the arrows into X stay, and with them the arc: among units with a given w, who was *set* to x is a mixed crowd,
# who *came* to x is not.

# %% [markdown]
# ### 05.2 The front door · level 1 of 3 · 8 min
#
# Write the front-door formula for a joint table: $P(Y = 1 \mid do(X = x))$ for both `x`.

# %%
def frontdoor(p):
    """[P(Y=1 | do(X=0)), P(Y=1 | do(X=1))], in X -> M -> Y; X <-> Y.

    p: joint table p[x, m, y], shape (2, 3, 2), no entry is 0.
    """
    # solution
    px = p.sum(axis=(1, 2))
    m_given_x = p.sum(axis=2) / px[:, None]
    y_given_xm = p[:, :, 1] / p.sum(axis=2)
    return m_given_x @ (px @ y_given_xm)
    # end


check("05.2", frontdoor)

# %% [markdown] tags=["solution"]
# **Why.** `px @ y_given_xm` adjusts the effect of M for X, with everybody's smoking as weights. The outer sum then asks how much M
# there is under do(x). The two x's are different: one is set, the other is averaged over.

# %% [markdown]
# ### 05.3 Prove the back door · level 2 of 3 · 10 min
#
# Prove $P(y \mid do(x)) = \sum_z P(y \mid x, z) P(z)$ in `Z -> X -> Y; Z -> Y`. Start from the derivation `d` and return it
# when its `.goal` is reached. Four steps do. Try in a cell of your own first; `d.suggest()` gives a hint.

# %%
def prove_backdoor():
    """The derivation at its goal."""
    d = Derivation("Z -> X -> Y; Z -> Y", "Y | do(X)")
    # solution
    d = d.sum_over("Z").chain("Y", "Z")
    return d.rule2("X", at="P(Y | do(X), Z)").rule3("X", at="P(Z | do(X))")
    # end


check("05.3", prove_backdoor)

# %% [markdown] tags=["solution"]
# **Why.** Bring in Z, take the two apart. In the first factor Z is known, so no back door from X is open: rule 2. In the second, setting X
# does nothing to what comes before it: rule 3.

# %% [markdown]
# ### 05.4 Two treatments, one after the other · level 3 of 3 · 15 min
#
# A first dose `X1`, then how the patient is (`Z`), then a second dose `X2` that depends on it, then the outcome `Y`. In
# `X1 -> Z -> X2 -> Y; Z -> Y; X1 <-> X2`, the two doses also share a hidden cause, the doctor. Prove a formula without do(...) for
# $P(y \mid do(x_1), do(x_2))$. Any proof that the checker accepts will do.

# %%
def prove_two_doses():
    """The derivation at its goal."""
    d = Derivation("X1 -> Z -> X2 -> Y; Z -> Y; X1 <-> X2", "Y | do(X1, X2)")
    # solution
    d = d.sum_over("Z").chain("Y", "Z")
    d = d.rule3("X2", at="P(Z | do(X1, X2))").rule2("X1", at="P(Z | do(X1))")
    d = d.rule3("X1", at="P(Y | do(X1, X2), Z)")
    return d.rule2("X2", at="P(Y | do(X2), Z)")
    # end


check("05.4", prove_two_doses)

# %% [markdown] tags=["solution"]
# **Why.** $\sum_z P(y \mid x_2, z)\, P(z \mid x_1)$. The second dose comes after Z, so it does nothing to Z; the first does, and nothing else
# joins the two. Once Z is known, the first dose reaches Y by no way of its own. Adjusting for Z as if both doses were one treatment would
# go wrong: Z is *below* the first and *before* the second.

# %% [markdown]
# ### 05.5 Spot the mistake: the wrong step · level 2 of 3 · 8 min
#
# A colleague proves that in `X -> M -> Y; X <-> M` the effect of `X` is what is seen, $P(y \mid x)$.
#
# | step | | reason |
# |---|---|---|
# | 1 | P(y given do(x)) = Σ_m P(y, m given do(x)) | total probability |
# | 2 | = Σ_m P(y given do(x), m) P(m given do(x)) | chain rule |
# | 3 | = Σ_m P(y given do(x), do(m)) P(m given do(x)) | rule 2 for M |
# | 4 | = Σ_m P(y given do(m)) P(m given do(x)) | rule 3 for X |
# | 5 | = Σ_m P(y given m) P(m given do(x)) | rule 2 for M |
# | 6 | = Σ_m P(y given m) P(m given x) | rule 2 for X |
# | 7 | = P(y given x) | Y and X are separated by M |
#
# Return two numbers: the first step that does not hold, and whether the data P(x, m, y) answer the question at all (1) or not (0).

# %%
def wrong_step():
    """[number of the step, 1 or 0]."""
    # solution
    return [6, 0]
    # end


check("05.5", wrong_step)

# %% [markdown] tags=["solution"]
# **Why.** Steps 1 to 5 hold. Step 6 needs M and X separated once the arrow out of X is cut, and the arc X <-> M is still there. And no
# other proof will do: X and M form a hedge, so `identify(...).counterexample()` gives two worlds that agree on all three columns.

# %% [markdown]
# ### 05.6 Make it answerable · level 3 of 3 · 8 min
#
# In `X -> Y; X <-> Y` nothing can be said about the effect of `X`. You may not wish the hidden cause away. But you may *measure more*,
# and *learn how* X acts. Draw a graph that keeps `X <-> Y`, in which `X` still acts on `Y` by some path, and in which `P(Y | do(X))` is
# identifiable from what is measured.

# %%
def answerable():
    """The graph as text, such as "X -> Y; X <-> Y"."""
    # solution
    return "X -> M -> Y; X <-> Y"
    # end


check("05.6", answerable)

# %% [markdown] tags=["solution"]
# **Why.** As long as `X -> Y` is there beside `X <-> Y`, the two form a hedge, whatever else is measured. So the arrow has to be *opened up*:
# a measured mediator that the hidden cause does not reach. An instrument does not do it: it helps only with an assumption more.
