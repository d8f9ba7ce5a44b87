from dataclasses import dataclass


@dataclass
class Run:
    name: str
    score: float
