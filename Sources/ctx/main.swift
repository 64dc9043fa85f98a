internal import Glibc

exit(64)
