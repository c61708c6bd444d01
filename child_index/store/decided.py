"""What the matcher decided, as the columns of a link or a task: enough to decide it again."""

import json
from dataclasses import asdict
from functools import lru_cache

from matching.decide import MatchDecision
from matching.model import Thresholds


def link_columns(decision: MatchDecision, limits: Thresholds) -> dict[str, object]:
    """The columns of a link that say why: model, thresholds, agreement vector (MAT-08)."""
    reasons = json.dumps(_reasons(decision))
    return {
        "because": decision.because,
        "model_version": decision.model_version,
        "match_weight": decision.score.match_weight if decision.score else None,
        "evidence": f'{{"thresholds": {_thresholds(limits)}, "reasons": {reasons}}}',
    }


def task_columns(kind: str, decision: MatchDecision) -> dict[str, object]:
    """The columns of a review task that say what is asked, and on what evidence."""
    score = decision.score
    return {
        "kind": kind,
        "because": decision.because,
        "match_weight": score.match_weight if score else 0.0,
        "prior_weight": score.prior_weight if score else 0.0,
        "evidence": json.dumps(_reasons(decision)),
        "model_version": decision.model_version,
    }


@lru_cache(maxsize=4)
def _thresholds(limits: Thresholds) -> str:
    return json.dumps(asdict(limits))


def _reasons(decision: MatchDecision) -> list[dict[str, str | float]]:
    return [
        {
            "field": each.field,
            "level": each.level,
            "label": each.label,
            "match_weight": each.match_weight,
        }
        for each in (decision.score.reasons if decision.score else ())
    ]
