"""The case studies of Mohammad-Taheri et al. 2022 as models: many causes, two signalling pathways, the napkin.

Graphs, coefficients and the paper's estimates are those of its published programs; the code is our own. Chapter 06.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from causalcourse.graph import CausalGraph
from causalcourse.noise import Normal, Uniform
from causalcourse.scm import SCM

if TYPE_CHECKING:
    import pandas as pd

SOURCE = "Mohammad-Taheri et al. 2022, Bioinformatics 38 (Suppl. 1), i350-i358"

# each latent by name, as the paper draws it
MANY_CAUSES = CausalGraph.parse(
    "; ".join(f"{u} -> X{i}" for u in ("U1", "U2", "U3") for i in range(1, 6))
    + "; U1 -> Y; U2 -> Y; U3 -> Y; M -> Y; "
    + "; ".join(f"X{i} -> M" for i in range(1, 6))
)
SARS = CausalGraph.parse(
    "SARS_COV2 -> ACE2 -> Ang -> AGTR1 -> ADAM17 -> EGF -> EGFR -> NFKB -> IL6AMP -> cytok; ADAM17 -> TNF -> NFKB; "
    "ADAM17 -> Sil6r -> IL6STAT3 -> IL6AMP; SARS_COV2 -> PRR -> NFKB; Toci -> Sil6r; Gefi -> EGFR; "
    "SARS_COV2 <-> Ang; ADAM17 <-> Sil6r; PRR <-> NFKB; EGF <-> EGFR; EGFR <-> TNF; EGFR <-> IL6STAT3"
)
IGF = CausalGraph.parse(
    "SOS -> Ras -> PI3K -> AKT -> Raf -> Mek -> Erk; Ras -> Raf; EGF -> SOS; EGF -> PI3K; IGF -> SOS; IGF -> PI3K"
)
NAPKIN = CausalGraph.parse("W -> Z -> X -> Y; W <-> X; W <-> Y")

# the paper's own estimates, stored beside its programs: case, question, rows, then mean and standard deviation over
# data sets, first with the latents as they are, then with fewer
_PAPER = (
    ("many causes", "Y | do(X=0)", 15, 0.2545, 0.087, 0.184, 0.197),
    ("many causes", "Y | do(X=0)", 60, 0.1190, 0.068, 0.193, 0.100),
    ("many causes", "Y | do(X=0)", 100, 0.1387, 0.077, 0.176, 0.108),
    ("many causes", "Y | do(X=0)", 200, 0.1948, 0.041, 0.202, 0.073),
    ("many causes", "Y | do(X=0)", 300, 0.2258, 0.034, 0.230, 0.057),
    ("IGF", "Erk | do(SOS=70)", 30, 88.98, 0.50, 89.02, 0.50),
    ("IGF", "Erk | do(SOS=70)", 60, 88.69, 0.36, 88.72, 0.35),
    ("IGF", "Erk | do(SOS=70)", 100, 88.55, 0.37, 88.63, 0.37),
    ("IGF", "Erk | do(SOS=70)", 200, 88.68, 0.28, 88.62, 0.25),
    ("IGF", "Erk | do(SOS=70)", 300, 88.72, 0.22, 88.63, 0.19),
    ("SARS-CoV-2", "cytok | do(EGFR=20)", 60, 0.460, 0.138, 0.549, None),
    ("SARS-CoV-2", "cytok | do(EGFR=20)", 100, 0.437, 0.083, 0.531, None),
    ("SARS-CoV-2", "cytok | do(EGFR=20)", 200, 0.317, 0.061, 0.427, None),
    ("SARS-CoV-2", "cytok | do(EGFR=20)", 300, 0.317, 0.060, 0.309, None),
    ("SARS-CoV-2", "cytok | do(Sil6r=20)", 60, 0.2225, 0.073, 0.245, None),
    ("SARS-CoV-2", "cytok | do(Sil6r=20)", 100, 0.229, 0.063, 0.247, None),
    ("SARS-CoV-2", "cytok | do(Sil6r=20)", 200, 0.210, 0.041, 0.230, None),
    ("SARS-CoV-2", "cytok | do(Sil6r=20)", 300, 0.210, 0.041, 0.229, None),
)

_MOLECULES = 100  # of each protein in a simulated cell
# who activates whom, and at what rate; who is switched off at what rate
_ACTIVATES = (
    ("EGF", "SOS", 0.01),
    ("IGF", "SOS", 0.01),
    ("EGF", "PI3K", 0.01),
    ("IGF", "PI3K", 0.01),
    ("SOS", "Ras", 0.01),
    ("Ras", "PI3K", 0.01),
    ("Ras", "Raf", 0.01),
    ("PI3K", "AKT", 0.01),
    ("Raf", "Mek", 0.05),
    ("Mek", "Erk", 0.05),
)
_SWITCHED_OFF = {"SOS": 0.5, "Ras": 0.5, "PI3K": 0.5, "AKT": 0.5, "Raf": 0.3, "Mek": 0.5, "Erk": 0.5}
_AKT_STOPS_RAF = 0.01
_FASTER, _TIME = 20, 1.0


def paper() -> pd.DataFrame:
    """The paper's own estimates: case, query, n, then mean and sd over data sets, and both with fewer latents.

    Source: the files stored with the programs of Mohammad-Taheri et al. 2022. Taught in chapter 06.
    """
    import pandas as pd

    return pd.DataFrame(_PAPER, columns=["case", "query", "n", "mean", "sd", "fewer: mean", "fewer: sd"])


def many_causes() -> SCM:
    """Five causes X1..X5 of a mediator M of Y; three latents act on all X and on Y. All seen variables are 0/1.

    Source: Mohammad-Taheri et al. 2022, first case study. Taught in chapter 06.
    """
    noise = {"U1": Normal(-8, 10), "U2": Normal(6, 8), "U3": Normal(-5, 7)}
    noise |= {f"E{v}": Uniform() for v in (1, 2, 3, 4, 5, "M", "Y")}

    def M(X1, X2, X3, X4, X5, EM):
        return _coin(-1.4 + 0.36 * X1 + 0.12 * X2 + 0.10 * X3 + 0.11 * X4 + 0.26 * X5, EM)

    def Y(M, U1, U2, U3, EY):
        return _coin(-1.1 + 0.26 * M + 0.22 * U1 + 0.15 * U2 + 0.11 * U3, EY)

    return SCM(
        noise,
        {
            "X1": lambda U1, U2, U3, E1: _coin(2.00 + 0.23 * U1 + 0.33 * U2 + 0.12 * U3, E1),
            "X2": lambda U1, U2, U3, E2: _coin(1.59 + 0.23 * U1 + 0.34 * U2 + 0.15 * U3, E2),
            "X3": lambda U1, U2, U3, E3: _coin(1.52 + 0.21 * U1 + 0.32 * U2 + 0.13 * U3, E3),
            "X4": lambda U1, U2, U3, E4: _coin(1.49 + 0.24 * U1 + 0.35 * U2 + 0.16 * U3, E4),
            "X5": lambda U1, U2, U3, E5: _coin(1.38 + 0.28 * U1 + 0.38 * U2 + 0.10 * U3, E5),
            "M": M,
            "Y": Y,
        },
    )


def sars() -> SCM:
    """How the virus leads to a cytokine storm: 16 seen variables, ten latents. Activities from 0 to 100; cytok is 0/1.

    Source: Mohammad-Taheri et al. 2022, third case study. Taught in chapter 06.
    """
    noise: dict = {
        **dict.fromkeys(("U1", "U2"), Normal(22, 10)),
        **dict.fromkeys(("A1", "A2"), Normal(25, 10)),
        **dict.fromkeys(("P1", "P2"), Normal(20, 10)),
        **dict.fromkeys(("UG", "Ui"), Normal(40, 10)),
        "Ue": Normal(50, 10),
        "Ut": Normal(45, 10),
        "UToci": Normal(45, 10),
        "Uc": Uniform(),
    }
    return SCM(
        noise,
        {
            "SARS_COV2": lambda U1, U2: _part(-2 + 0.05 * U1 + 0.06 * U2),
            "ACE2": lambda SARS_COV2: 20 - 0.1 * SARS_COV2,
            "Ang": lambda ACE2, U1, U2: 25 - 0.8 * ACE2 + 0.5 * U1 + 0.6 * U2,
            "AGTR1": lambda Ang: _part(-1.5 + 0.08 * Ang),
            "ADAM17": lambda AGTR1, A1, A2: _part(-3.8 + 0.04 * AGTR1 + 0.04 * A1 + 0.03 * A2),
            "Toci": lambda UToci: UToci,
            "Sil6r": lambda ADAM17, A1, A2, Toci: _part(-3 + 0.03 * ADAM17 + 0.05 * A1 + 0.06 * A2 - 0.04 * Toci),
            "EGF": lambda ADAM17, Ue: _part(-3 + 0.03 * ADAM17 + 0.05 * Ue),
            "TNF": lambda ADAM17, Ut: _part(-4.1 + 0.05 * ADAM17 + 0.06 * Ut),
            "Gefi": lambda UG: UG,
            "EGFR": lambda EGF, Ui, Ut, Ue, Gefi: _part(
                -6 + 0.03 * EGF + 0.05 * Ui + 0.02 * Ut + 0.04 * Ue - 0.04 * Gefi
            ),
            "PRR": lambda SARS_COV2, P1, P2: _part(-3.4 + 0.05 * SARS_COV2 + 0.02 * P1 + 0.03 * P2),
            "NFKB": lambda PRR, P1, P2, EGFR, TNF: _part(
                -5 + 0.01 * PRR + 0.02 * P1 + 0.03 * P2 + 0.02 * EGFR + 0.03 * TNF
            ),
            "IL6STAT3": lambda Ui, Sil6r: _part(-4.6 + 0.05 * Ui + 0.04 * Sil6r),
            "IL6AMP": lambda NFKB, IL6STAT3: _part(-3.7 + 0.02 * NFKB + 0.03 * IL6STAT3),
            "cytok": lambda IL6AMP, Uc: _coin(-2 + 0.06 * IL6AMP, Uc),
        },
    )


def napkin() -> SCM:
    """The napkin with numbers: W and Z measured, X 0/1, and Y, which X raises by 3.

    Source: the case as the library y0 generates it, after Mohammad-Taheri et al. 2022. Taught in chapter 06.
    """
    from scipy import stats

    return SCM(
        {
            "U1": Normal(3, 1),
            "U2": Normal(5, 1),
            "UW": Uniform(),
            "UZ": Normal(0, 6),
            "UX": Uniform(),
            "UY": Normal(0, 6),
        },
        {
            "W": lambda U1, U2, UW: stats.gamma.ppf(UW, _size(U1, U2) ** -2.0, scale=5 * _size(U1, U2)),
            "Z": lambda W, UZ: 0.7 * W + UZ,
            "X": lambda Z, U1, UX: _coin(2 + 0.23 * U1 + 0.1 * Z, UX),
            "Y": lambda X, U2, UY: 0.5 * U2 + 3 * X + UY,
        },
    )


def igf(n: int, rng: np.random.Generator, **actions: float) -> pd.DataFrame:
    """`n` cells of the growth-factor pathway, each simulated reaction by reaction until it has settled.

    Counts of active molecules, 0 to 100, of EGF, IGF (which a study would not see), SOS, Ras, PI3K, AKT, Raf, Mek, Erk.
    actions: a protein held at a count, such as SOS=70. Source: Gillespie 1977 for the method; Mohammad-Taheri et al.
    2022, second case study, for the 18 reactions and their rates. Taught in chapter 06.
    """
    import pandas as pd

    names = ["EGF", "IGF", *_SWITCHED_OFF]
    place = {name: i for i, name in enumerate(names)}
    state = np.zeros((n, len(names)))
    state[:, 0], state[:, 1] = rng.normal(37, 3, n).round(), rng.normal(5, 1, n).round()
    state = np.maximum(state, 0)
    for name, value in actions.items():
        state[:, place[name]] = value
    free = [name for name in _SWITCHED_OFF if name not in actions]
    clock = np.zeros(n)
    while (going := np.flatnonzero(clock < _TIME)).size:
        now = state[going]
        up = np.zeros((len(going), len(free)))
        for cause, effect, rate in _ACTIVATES:
            if effect in free:
                up[:, free.index(effect)] += rate * now[:, place[cause]] * (_MOLECULES - now[:, place[effect]])
        down = np.stack([_SWITCHED_OFF[name] * now[:, place[name]] for name in free], axis=1)
        if "Raf" in free:
            down[:, free.index("Raf")] += _AKT_STOPS_RAF * now[:, place["AKT"]] * now[:, place["Raf"]]
        rates = _FASTER * np.concatenate([up, down], axis=1)
        total = rates.sum(axis=1)
        clock[going] += rng.exponential(1 / total)
        which = (rates.cumsum(axis=1) < rng.random(len(going))[:, None] * total[:, None]).sum(axis=1)
        on_time = clock[going] < _TIME
        hit = np.array([place[name] for name in free])[which % len(free)]
        state[going[on_time], hit[on_time]] += np.where(which < len(free), 1, -1)[on_time]
    return pd.DataFrame(state, columns=names)


def _size(U1: np.ndarray, U2: np.ndarray) -> np.ndarray:
    return np.abs(0.3 * U1 + 0.5 * U2)  # below 0 once in a million units, where a gamma distribution has no meaning


def _part(z: np.ndarray) -> np.ndarray:
    return 100 / (1 + np.exp(-z))


def _coin(log_odds: np.ndarray, thrown: np.ndarray) -> np.ndarray:
    return (thrown < 1 / (1 + np.exp(-log_odds))).astype(int)
