# %% [markdown]
# Four exercises on six.

# %%
from causalcourse import check, hint  # noqa: F401

# %% [markdown]
# ### 00.1 Six · level 1 of 3 · 2 min
# Return six.

# %%
def six():
    """Six, as a whole number."""
    # solution
    return 6
    # end


check("00.1", six)

# %% [markdown] tags=["solution"]
# **Why.** Six is six.

# %% [markdown]
# ### 00.2 Spot the mistake: half · level 2 of 3 · 3 min
# "Half of twelve is five." Spot the mistake.

# %%
dozen = 12  # for the cell below


# %%
def half(dozen=dozen):
    """Half of a dozen."""
    if dozen > 1:
        # solution
        answer = dozen / 2
        return int(answer)
        # end
    return 0


check("00.2", half)

# %% [markdown] tags=["solution"]
# **Why.** Five and five are ten.

# %% tags=["solution"]
half(14)

# %% [markdown]
# ### 00.3 A value · level 2 of 3 · 3 min
# Now without a function.

# %%
# solution
value = 6
# end
check("00.3", lambda: value)

# %% [markdown] tags=["solution"]
# **Why.** A name will do.

# %% [markdown]
# ### 00.4 Sum · level 3 of 3 · 5 min
# One, two and three.

# %%
def total():
    """1 + 2 + 3."""
    # solution
    return 1 + 2 + 3
    # end


check("00.4", total)

# %% [markdown] tags=["solution"]
# **Why.** Three and three.
