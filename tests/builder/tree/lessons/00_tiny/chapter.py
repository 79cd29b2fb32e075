# ---
# title: Six
# question: How many is half a dozen, & why?
# minutes: 45
# extras: []
# ---

# %% [markdown]
# You have a dozen eggs. You eat half of them.
#
# *How many are left?*

# %%
import matplotlib.pyplot as plt

from causalcourse import claim

# cat is no shell command here, and 'café' is longer in bytes than in letters
eggs = 12

# %%
# alt: Two bars of the same height, 6 & 6.
#    One is labelled eaten, the other left.
fig, ax = plt.subplots(figsize=(2, 1))
ax.bar(["eaten", "left, à la carte"], [eggs // 2] * 2)  # the same

# %%
# alt: A line that falls from 12 to 6.
plt.figure(figsize=(2, 1))
for top in (12,):
    plt.plot([top, 6])

# %%
claim("half a dozen is six", eggs // 2 == 6)
eggs // 2

# %% [markdown]
# That is all.
