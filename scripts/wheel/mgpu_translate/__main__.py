import sys

from mgpu_translate.command import main

sys.exit(main())
