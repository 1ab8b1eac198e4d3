"""`python -m tianang` is the command `tianang`."""

from tianang.cli import main

main()
