"""What is shown of several runs, or starts from one: the list, two side by side, the form that starts one again."""
