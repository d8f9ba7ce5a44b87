from dataclasses import dataclass


@dataclass
class Book:
    title: str
    year: int


@dataclass
class Loan:
    book: Book
    reader: str
