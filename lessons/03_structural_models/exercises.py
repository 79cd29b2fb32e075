# %% [markdown]
# Six exercises on acting. The first takes two minutes, and in the last you give advice.
#
# In most of them you are given a joint table: an array of probabilities with one axis for each variable, named in the order of
# the axes. `p[z, x, y]` is the probability that Z = z, X = x and Y = y, all at once. Each check draws new models.

# %%
import numpy as np

from causalcourse import check, hint

# %% [markdown]
# ### 03.1 Cut · level 1 of 3 · 2 min
#
# A graph as a table of zeros and ones: `arrows[i, j]` is 1 when there is an arrow from variable `i` to variable `j`. Return the
# graph after $do(V_x = \ldots)$, where `x` is the number of the variable you act on.

# %%
def cut(arrows, x):
    """The graph after acting on variable x, an array of zeros and ones of the same shape.

    arrows: shape (k, k), arrows[i, j] is 1 for an arrow from i to j; x: a whole number from 0 to k - 1.
    """
    # solution
    acted = arrows.copy()
    acted[:, x] = 0
    return acted
    # end


check("03.1", cut)

# %% [markdown] tags=["solution"]
# **Why.** Column `x` holds the arrows *into* variable `x`. Its equation is replaced, so it listens to nobody. Row `x` holds the
# arrows *out of* it; others still listen to it, or acting would change nothing.

# %% [markdown]
# ### 03.2 See and do · level 1 of 3 · 8 min
#
# The graph is $Z \to X$, $Z \to Y$, $X \to Y$, as with the kidney stones. From the joint table compute, for each `x`,
# $P(Y = 1 \mid X = x)$ and $P(Y = 1 \mid do(X = x))$.

# %%
def see_and_do(p):
    """[[P(Y=1 | X=0), P(Y=1 | X=1)], [P(Y=1 | do(X=0)), P(Y=1 | do(X=1))]], shape (2, 2).

    p: joint table p[z, x, y], shape (2, 2, 2), no entry is 0.
    """
    # solution
    seen = p[:, :, 1].sum(axis=0) / p.sum(axis=(0, 2))
    p_z = p.sum(axis=(1, 2))
    success = p[:, :, 1] / p.sum(axis=2)  # [z, x]
    return [seen, p_z @ success]
    # end


check("03.2", see_and_do)

# %% [markdown] tags=["solution"]
# **Why.** Seeing picks out those with X = x, and the stones among them are not the stones of all. Doing keeps $P(z)$, the shares
# among everybody, and leaves out $P(x \mid z)$, because no stone decides any more.

# %% [markdown]
# ### 03.3 Leave out the right factor · level 2 of 3 · 12 min
#
# Now a chain with a side branch: $Z \to X \to M \to Y$ and $Z \to Y$. Somebody acts on the **mediator**: compute
# $P(y \mid do(M = m))$. Which factor goes? Which variables are then summed over?

# %%
def act_on_mediator(p):
    """P(Y = y | do(M = m)) as an array [m, y], shape (2, 2).

    p: joint table p[z, x, m, y], shape (2, 2, 2, 2), no entry is 0. The graph: Z -> X -> M -> Y, Z -> Y.
    """
    # solution
    p_zx = p.sum(axis=(2, 3))  # P(z) P(x | z)
    p_y = p / p.sum(axis=3, keepdims=True)  # P(y | z, x, m), which is P(y | z, m)
    return np.einsum("zx,zxmy->my", p_zx, p_y)
    # end


check("03.3", act_on_mediator)

# %% [markdown] tags=["solution"]
# **Why.** The factors are $P(z)\,P(x \mid z)\,P(m \mid x)\,P(y \mid m, z)$. Acting on M drops $P(m \mid x)$ and nothing else. X is
# before M, so it stays as it was. Summing over x changes nothing here, since Y does not listen to X directly: it is enough to
# adjust for Z alone, or for X alone.

# %% [markdown]
# ### 03.4 Spot the mistake: the column that was overwritten · level 2 of 3 · 8 min
#
# An analyst has a simulator: noise goes in, the equation for recovery `recovers(x, z, u)` is known, and 5,000 patients have
# been simulated. To find the effect of treating everybody she writes:
#
# ```python
# def effect(x, z, u, recovers):
#     y = recovers(x, z, u)
#     treated, untreated = y[x == 1], y[x == 0]    # "those for whom the column X says 1, and 0"
#     return treated.mean() - untreated.mean()
# ```
#
# "The equation is right and the noise is right", she says, "so the effect is right." Write the function as it should be.

# %%
def effect(x, z, u, recovers):
    """The mean of Y if everybody is treated, minus the mean of Y if nobody is.

    x, z, u: treatment received, severity and noise of the patients, each of shape (n,).
    recovers: the equation for Y, recovers(x, z, u) -> array of shape (n,).
    """
    # solution
    everybody = np.ones_like(x)
    return recovers(everybody, z, u).mean() - recovers(0 * everybody, z, u).mean()
    # end


check("03.4", effect)

# %% [markdown] tags=["solution"]
# **Why.** To pick out those with X = 1 is to see, inside a simulation as anywhere. To act, put the new X *into the equation* and
# let everything downstream run again, with the same z and the same noise for every patient. Overwriting the column of X in a
# finished table would be the opposite mistake: then nothing downstream notices, and the effect is always 0.

# %% [markdown]
# ### 03.5 What is a rule worth? · level 2 of 3 · 10 min
#
# A hospital considers a rule: treat a patient with severity `z` with probability `g[z]`. The graph is again $Z \to X \to Y$,
# $Z \to Y$. From the records and the rule compute the share that would recover.

# %%
def worth(p, g):
    """P(Y = 1) if X is drawn by the rule, a number from 0 to 1.

    p: joint table p[z, x, y] of the records, shape (2, 2, 2), no entry is 0; g: P(treat | z), shape (2,).
    """
    # solution
    p_z = p.sum(axis=(1, 2))
    recovery = p[:, :, 1] / p.sum(axis=2)  # P(Y = 1 | z, x)
    return (p_z * ((1 - g) * recovery[:, 0] + g * recovery[:, 1])).sum()
    # end


check("03.5", worth)

# %% [markdown] tags=["solution"]
# **Why.** A rule replaces the factor $P(x \mid z)$ by another one, $g(x \mid z)$; the other factors stay. With $g$ equal to 0
# or 1 for all this is $do(X = 0)$ or $do(X = 1)$. With $g$ equal to what the doctors did it gives the share that recovers
# today. That is a good test of your function.

# %% [markdown]
# ### 03.6 Which table would you read? · level 3 of 3 · 15 min
#
# Two colleagues bring the same kind of table, `p[z, x, y]`. In one study `Z` was settled **before** the treatment and nothing
# else decides both X and Y. In the other the treatment was given by lot, and `Z` was measured **after** it; X acts on Y also
# through Z. Return the effect of the treatment, $P(Y=1 \mid do(X=1)) - P(Y=1 \mid do(X=0))$, in either case.

# %%
def advise(p, z_is):
    """The effect of X on Y, a number from -1 to 1.

    p: joint table p[z, x, y], shape (2, 2, 2), no entry is 0; z_is: "before" or "after".
    """
    # solution
    if z_is == "after":
        share = p.sum(axis=0)  # [x, y]
        return share[1, 1] / share[1].sum() - share[0, 1] / share[0].sum()
    success = p[:, :, 1] / p.sum(axis=2)
    return p.sum(axis=(1, 2)) @ (success[:, 1] - success[:, 0])
    # end


check("03.6", advise)

# %% [markdown] tags=["solution"]
# **Why.** Before: Z sends patients to a treatment, so compare like with like and weigh by how common each kind is. After: Z is
# part of how the treatment works, and there was a lot, so the plain comparison is the effect. To split by Z would leave out
# what goes through Z. Nothing in `p` tells you which case you are in. *At lunch:* which tables in your own work have a column
# whose arrow you have never thought about?
