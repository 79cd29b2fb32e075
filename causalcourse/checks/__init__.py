"""The learner's desk: answers judged by oracle, hints on request, work remembered. Used from chapter 00."""
