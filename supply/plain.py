"""Takes out of a bill of materials where its maker would download each part: any mirror will do, the hashes decide.

    python supply/plain.py supply/sbom.cdx.json
"""

import json
import sys
from pathlib import Path

path = Path(sys.argv[1])
bill = json.loads(path.read_text(encoding="utf-8"))
for part in bill["components"]:
    hashes = [each for reference in part.pop("externalReferences", ()) for each in reference.get("hashes", ())]
    part["hashes"] = sorted(hashes, key=lambda each: (each["alg"], each["content"]))
for tool in bill["metadata"]["tools"]["components"]:
    tool.pop("externalReferences", None)
path.write_text(json.dumps(bill, indent=1, sort_keys=True) + "\n", encoding="utf-8")
