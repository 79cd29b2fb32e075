# %% [markdown]
# Seven exercises on where an assumption can live in a model, and on what each place costs. The first takes three minutes. NumPy is enough: no network is trained
# here. What a trained one would say is given as a table.

# %%
import numpy as np

from causalcourse import check, hint

# %% [markdown]
# ### 13.1 Which place? · level 1 of 3 · 3 min
#
# Seven assistants for one hospital. All are asked what would happen if everybody there were treated, or what would have happened to one patient. *Records* say what was seen, no more. Where does the
# assumption live that lifts the assistant above its records?
#
# 1 the **data**: the text that it was trained on; 2 the **architecture**: how it is built; 3 the **parameters**: what it took along from other worlds; 4 the **prompt**: what it is told with the
# question; 0 **nowhere**: it has none.
#
# | | assistant |
# |---|---|
# | A | For a year this hospital treated by lot. A plain model read its records and, marked as such, the reports of that trial. |
# | B | A plain model of many texts can read and compute. With each question it gets the line "Severity decides who is treated and acts on recovery; nothing else acts on both." |
# | C | The largest of all has read every record of this hospital. Its attention is causal: no word looks at a later one. The words stand in the order in which the clerks fill in their form. |
# | D | Thousands of simulated hospitals were shown to it, each with its records and what treating would do. In none of them was anything hidden. Here it gets this hospital's records with the question, and nothing else. |
# | E | It has read this hospital's records alone. The word for recovery can look at severity and treatment, and treatment at severity. To act, treatment is made to look at nothing. |
# | F | It has read this hospital's records alone. With each question it gets the line "Think like an expert of causality, step by step, and never take correlation for causation." |
# | G | An engineer who knows the hospital's equations wrote a hundred thousand lines such as "untreated, not recovered; had it been treated, recovered". A plain model has read them. |
#
# Answer with seven numbers, 0 to 4.

# %%
def places():
    """Seven numbers, 0 to 4, for A to G."""
    # solution
    return [1, 4, 0, 3, 2, 0, 1]
    # end


check("13.1", places)

# %% [markdown] tags=["solution"]
# **Why.** A and G have read what came of acting, and what would have been. In B a person vouches, in the prompt. D is the one that misleads: its prompt holds records, so nothing of rung 2 is in it. That nothing is hidden it
# brought along, from the worlds it was trained on. E has a drawing, and it is wired in. C is large, and its
# attention is called causal because of the order of writing: that order says nothing of what acts on what. F was asked to be careful, and it was told no fact about this hospital.

# %% [markdown]
# ### 13.2 Who looks at whom · level 2 of 3 · 8 min
#
# A text for a causal transformer has two words for each of `n` variables. First stand the `n` values, then the `n` queries, as in `V0=1 V1=0 V2=1 ?V0 ?V1 ?V2`. At a query the model says how likely it is that its variable is 1. The variables are
# numbered, and a number says nothing about what acts on what.
#
# - Every word looks at itself.
# - A query also looks at the values of its variable's parents.
# - To act on a variable is to cut its query off from these. The query still looks at itself.
# - Nobody looks at anything else.
#
# Write the mask.

# %%
def mask(arrows, do):
    """Who looks at whom: a table of True and False, shape (2n, 2n), where a row looks at a column.

    arrows[i, j]: 1 if i acts on j, else 0, shape (n, n). do: the variables acted on, such as [2], or [].
    """
    # solution
    n = len(arrows)
    sees = np.eye(2 * n, dtype=bool)
    sees[n:, :n] = arrows.T  # the row of a query, the columns of its parents
    sees[[n + k for k in do], :n] = False
    return sees
    # end


check("13.2", mask)

# %% [markdown] tags=["solution"]
# **Why.** The mask of any GPT is called causal as well. It is the order of writing: no word looks at a later one. This one is a drawing. It never lets a query see its own variable's value, which would be the
# answer. And `do` cuts a *row*, what the acted variable listens to. Its column stays: its children hear the value that was set. Nothing was trained for this. Whatever the weights are, a word that
# nobody looks at changes nothing.

# %% [markdown]
# ### 13.3 The word that was dropped · level 2 of 3 · 10 min
#
# Severity `Z` decides who is treated, `X`, and both act on recovery, `Y`; nothing is hidden. A text has `n` lines. A share `s` of them tell of trials, in which a coin set `X`: half have `X = 1`. The rest are records. A
# trial is marked by the word `do`: it reads `do X=1 ... Y=1`, and a record `X=1 ... Y=1`.
#
# A model reads so much of such text that it knows how common everything in it is. It is asked how often `Y = 1` goes with `X = 1`. Give
#
# 1. what it says after `do X=1`,
# 2. what it says after `X=1` if a tidy engineer has dropped the word `do` everywhere,
# 3. how uncertain the first is, if it is counted from the `n` lines: its standard error, $\sqrt{q (1 - q) / m}$ for a rate $q$ among $m$ lines. Take for $m$ the number to be expected.

# %%
def read(p, s, n):
    """[P(Y=1) after `do X=1`, P(Y=1) after `X=1` with `do` dropped, standard error of the first].

    p[z, x, y]: the records, shape (2, 2, 2), sums to 1. s: share of trials. n: number of lines.
    """
    # solution
    done = p.sum((1, 2)) @ (p[:, 1, 1] / p[:, 1].sum(axis=1))
    treated = (1 - s) * p[:, 1].sum() + s / 2  # of all lines: records with X=1, and trials with X=1
    well = (1 - s) * p[:, 1, 1].sum() + s / 2 * done
    return [done, well / treated, np.sqrt(done * (1 - done) / (n * s / 2))]
    # end


check("13.3", read)

# %% [markdown] tags=["solution"]
# **Why.** Marked, the trials are a text of their own, and the model reads the effect off them. Unmarked, records and trials with `X = 1` fall into one heap, and the answer lies somewhere between seeing and doing. No further text
# helps, if it is of the same kind: the second number has no `n` in it. So *data* is a place for an assumption only if the data say how they came about. Does the text that you have say it? And the third number is the price:
# if one line in a hundred tells of a trial, then one in two hundred speaks of the question.

# %% [markdown]
# ### 13.4 Cut, multiply, sum out · level 2 of 3 · 10 min
#
# The drawing is `A -> B -> C; A <-> C`: something hidden acts on `A` and `C`. In a causal transformer it is a noise word `u` that both queries look at. All words are equally likely. Trained on records, the model says
#
# - at `?A`: `qa[u]`, how likely `A = 1` is with the word `u`,
# - at `?B`: `qb[a]`, how likely `B = 1` is after `A = a`,
# - at `?C`: `qc[b, u]`, how likely `C = 1` is after `B = b` and with the word `u`.
#
# Nobody ever sees `u`. To act on a variable is to cut its query and put the value in its place. Give what the model says of P(C=1 | A=1), of P(C=1 | do(A=1)) and of P(C=1 | do(B=1)).

# %%
def answers(qa, qb, qc):
    """[P(C=1 | A=1), P(C=1 | do(A=1)), P(C=1 | do(B=1))].

    qa[u]: shape (words,). qb[a]: shape (2,). qc[b, u]: shape (2, words). Each is the probability of 1.
    """
    # solution
    follows = np.array([1 - qb[1], qb[1]])  # B, where A is 1
    shares = qa / qa.sum()  # of each word, among those with A=1
    return [follows @ qc @ shares, follows @ qc.mean(axis=1), qc[1].mean()]
    # end


check("13.4", answers)

# %% [markdown] tags=["solution"]
# **Why.** Seeing `A = 1` tells of the word, and the word acts on `C`. Setting `A` tells nothing of it: `?A` no longer listens. So the noise is summed out once, over the whole product, and not query by query.
#
# The words are the model's own. Another training finds others, and no record says which are right. Here that does no harm: this is the front door, so *every* model with this drawing and these records gives these answers to
# `do`. With `B <-> C` instead, it would answer do(B=1) just as fluently, and other words, that fit the records as well, would give another answer. Training will not point that out: it tends to end at the same one each time. The guarantee is do-calculus's. The architecture carries it out.

# %% [markdown]
# ### 13.5 One die · level 3 of 3 · 12 min
#
# Now `A -> B -> C`, nothing hidden. The model says `qb[a]` at `?B` and `qc[b]` at `?C`. One patient had `A = 0` and `C = c`; what `B` was, nobody wrote down. Would `C` be 1, had `A` been 1? A die shows a number from 0 to 1, all equally
# likely, and a variable is 1 if its die falls below its rate.
#
# - *One die*: each variable has one. It decides in both worlds, whatever the parents are.
# - *A die for each state*: each variable has one for each value of its parent. If its parent has the same value in both worlds, that is the same die.
#
# Give P(C_{A=1} = 1 | A=0, C=c) with either.

# %%
def would(qb, qc, c):
    """[with one die for each variable, with a die for each state].

    qb[a] = P(B=1 | a), qc[b] = P(C=1 | b): shape (2,) each. c: what C was, 0 or 1.
    """
    # solution
    def pair(p, q, one):  # [as it is, as it would be], at the rates p and q
        both = min(p, q) if one else p * q
        return np.array([[1 - p - q + both, q - both], [p - both, both]])

    found = []
    for one in (True, False):
        b, fact, fact_and_one = pair(qb[0], qb[1], one), 0, 0
        for i, j in np.ndindex(2, 2):
            of_c = pair(qc[i], qc[j], one or i == j)  # the same state has the same die
            fact += b[i, j] * of_c[c].sum()
            fact_and_one += b[i, j] * of_c[c, 1]
        found.append(fact_and_one / fact)
    return found
    # end


check("13.5", would)

# %% [markdown] tags=["solution"]
# **Why.** What was (`A = 0`, `C = c`) tells something of the dice, and the dice are taken over into the other world: abduction, action, prediction. Both models fit the same records, and all trials too. They part only here. A causal transformer whose
# noise is one die for each variable answers the third rung without hesitation. It does so because somebody built one die in, and no record or trial could have objected. That is an assumption of rung 3, and it lives in the architecture.

# %% [markdown]
# ### 13.6 What no record removes · level 3 of 3 · 12 min
#
# A model has been trained on `K` worlds, again and again, the world `k` in a share `prior[k]` of the time. World `k` has records with the probabilities `p[k, x, y]`, and there P(Y=1 | do(X=1)) is `done[k]`. Now it is shown a new world: `counts[x, y]` records of each kind. It has learned as well as anything can, so it
# believes each world as far as it was common *and* fits these records. Give
#
# 1. the mean of `done` that it believes,
# 2. its standard deviation,
# 3. what that standard deviation comes down to, if more and more records come in, in just these proportions.
#
# Several worlds have exactly the same table `p[k]`.

# %%
def believed(prior, p, done, counts):
    """[mean, standard deviation, standard deviation in the end].

    prior: shape (K,), sums to 1. p[k, x, y]: shape (K, 2, 2). done: shape (K,).
    counts[x, y]: shape (2, 2); a few records, or thousands.
    """
    # solution
    def mean_and_spread(w):
        mean = w @ done / w.sum()
        return mean, np.sqrt(w @ (done - mean) ** 2 / w.sum())

    fit = (counts * np.log(p)).sum(axis=(1, 2))  # the logarithm of how likely the records are in each world
    mean, spread = mean_and_spread(prior * np.exp(fit - fit.max()))
    return [mean, spread, mean_and_spread(prior * np.isclose(fit, fit.max()))[1]]
    # end


check("13.6", believed)

# %% [markdown] tags=["solution"]
# **Why.** Records rule out tables. Two worlds with one table they never part, so between those two the odds stay what they were in training. If the effect is fixed by the table, as where nothing is hidden, nothing is left of the spread. Otherwise something stays, and it is not
# noise: with another training set the same records would have got another answer. So for *parameters* ask two things. Which worlds was it trained on? And is it unsure where it should be? A model that saw only worlds without
# hidden causes knows one effect for each table. With enough records it is sure of it in any world, also in one that has them. *At lunch:* who could list the worlds that a large language model was trained on, and how common each was?

# %% [markdown]
# ### 13.7 Spot the mistake: guaranteed by the attention · level 3 of 3 · 12 min
#
# Vendors sell models of three variables, `A`, `B`, `C`, with a drawing in the attention. All write:
#
# 1. The drawing is in the attention: what our model says of a variable hangs on the values of its parents, and on no other.
# 2. It has learned the records: what it says of the three, multiplied, is their P(a, b, c), each to within 0.01.
# 3. It is no accident of the training: trained again from other starts, it always comes within 0.02 of this model's answer to P(C=1 | do(B=1)).
# 4. The answer is right: in a trial in which everybody had `B = 1`, the share with `C = 1` was within 0.1 of it.
# 5. So it is also right on the third rung: it can say how many of those with `B = 0` and `C = 0` would have had `C = 1`, had `B` been 1.
#
# Write a function that takes what a vendor shows, and gives the number of the *first sentence that is not shown*. `None` means that nobody tried. You get several vendors.

# %%
def first_slip(arrows, p, said, again, trial):
    """The number of the first sentence that is not shown, 1 to 5. Variables: 0 is A, 1 is B, 2 is C.

    arrows[i, j]: 1 if the vendor's drawing has an arrow from i to j, else 0, shape (3, 3); none goes from
    a later one to an earlier one. p[a, b, c]: the records, exact, shape (2, 2, 2). said[v, a, b, c]: how
    likely the model says v = 1 is when the values are a, b, c, shape (3, 2, 2, 2). again: its answers to
    P(C=1 | do(B=1)) after other trainings, an array, or None. trial: C of each unit of the trial, an array
    of 0 and 1, or None.
    """
    # solution
    foreign = [(v, k) for v in range(3) for k in range(3) if not arrows[k, v]]
    on = np.indices((2, 2, 2))
    learned = np.where(on == 1, said, 1 - said).prod(axis=0)
    a = said[0, 0, 0, 0]
    answer = (1 - a) * said[2, 0, 1, 0] + a * said[2, 1, 1, 0]  # ?B is cut, and B is 1
    shown = [
        max(np.ptp(said[v], axis=k).max() for v, k in foreign) < 1e-6,
        np.abs(learned - p).max() < 0.01,
        again is not None and np.abs(again - answer).max() < 0.02,
        trial is not None and abs(trial.mean() - answer) < 0.1,
    ]
    return shown.index(False) + 1 if False in shown else 5
    # end


check("13.7", first_slip)

# %% [markdown] tags=["solution"]
# **Why.** Sentence 1 says that the drawing is obeyed, 2 that the records are learned, and 3 that the training did not decide the answer. In none of them is the drawing *right*: a model that obeys a wrong drawing perfectly fits as well and is as steady. A full drawing fits any records. What is hidden shows in a trial,
# and in nothing else here. Where records hardly ever have some combination, 3 fails though 2 holds: there the training had nothing to go by.
#
# And where all four hold, 5 does not follow. A trial shows each unit in one world. In 13.5 two models had the same records and trials, and different answers. *At lunch:* "guaranteed" is a word about a theorem. Which of its conditions did the last product that used it show you?
