"""A stand-in for the package, so that the builder's tests depend on nothing but the builder."""

import json
import os


def require(version):
    print(f"causalcourse {version} is ready.")


def claim(sentence, truth):
    ledger = os.environ.get("CAUSALCOURSE_CLAIMS")
    if ledger:
        with open(ledger, "a", encoding="utf-8") as file:
            file.write(json.dumps({"sentence": sentence, "held": bool(truth), "seed": "0"}) + "\n")
    else:
        assert truth, sentence
    print(f"✓ {sentence}")


def seed():
    return int(os.environ.get("CAUSALCOURSE_SEED", "0"))


def check(id, answer):
    print(f"✓ {id} passed. Six." if answer() == 6 else f"✗ {id} not yet. Not six.")


def hint(id):
    print("Count.")
