/** Code to race on where no file is open. */
export const RACE_SAMPLE = `"""A small stack machine."""


class Stack:
    """Numbers, the latest on top."""

    def __init__(self):
        self.items = []

    def push(self, item):
        """Put an item on top."""
        self.items.append(item)

    def pop(self):
        """Take the item on top away and return it."""
        return self.items.pop()

    def is_empty(self):
        """Return whether there is no item."""
        return len(self.items) == 0


def add(stack):
    """Replace the two numbers on top by their sum."""
    second = stack.pop()
    first = stack.pop()
    stack.push(first + second)


def subtract(stack):
    """Replace the two numbers on top by their difference."""
`;
