"""python -m dashboard.shared.saved_pages FILE PAGE MODEL ADDRESS: a page as a visitor sees it, for button.py.

A process of its own, because running a page without a browser takes the place of the server for a while. MODEL is ""
for the lecture, ADDRESS what stands behind the ? of the page's address.
"""

import sys
from pathlib import Path
from urllib.parse import parse_qsl


def main(file: str, page: str, model: str, address: str) -> int:
    from dashboard.shared.saved_pages import files

    asked = dict(parse_qsl(address))
    try:
        if page == "elbo":
            files.save_bound(files.entry_of(model), Path(file), **asked)
        elif model:
            files.save_model(files.entry_of(model), Path(file), first=page, **asked)
        else:
            files.save_page(page, Path(file), **asked)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
