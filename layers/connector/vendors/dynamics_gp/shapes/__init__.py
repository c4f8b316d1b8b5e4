"""What GP answers, as frozen dataclasses. Lenient where GP leaves elements out; a missing number is a ValueError."""
