"""Small files in the layouts of their publishers, with made-up rows."""

import zipfile
from pathlib import Path

PTP_HEADER = (
    "CPT only copyright\t\t\t\t\t\t\n"
    "Column1/Column2 Edits\t\t\t\t\t\t\n"
    "Column 1\tColumn 2\t*=in existence\tEffective\tDeletion\tModifier\tPTP Edit Rationale\n"
    "\t\tprior to 1996\tDate\tDate\t0=not allowed\t\n"
    "\t\t\t\t*=no data\t1=allowed\t\n"
    "\t\t\t\t\t9=not applicable\t\n")
PFS_TITLES = (
    "HCPCS,MOD,DESCRIPTION,CODE,PAYMENT,RVU,PE RVU,INDICATOR,PE RVU,INDICATOR,RVU,TOTAL,TOTAL,IND,DAYS,OP,OP,OP,PROC,"
    "SURG,SURG,SURG,SURG,{}BASE,FACTOR,PROCEDURES,FLAG,INDICATOR,AMOUNT,AMOUNT,AMOUNT")
HCPCS_COLUMNS = ["HCPC", "SEQNUM", "RECID", "LONG DESCRIPTION", "XREF1", "COV", "ADD DT", "ACT EFF DT", "TERM DT"]
AOC_COLUMNS = ["AOC_Edit_Type", "Add-On_Code", "AOC_DelDT", "Primary_Code", "Primary_Code_DelDT", "AOC_Edit_EffDT",
               "AOC_Edit_DelDT", "Special_Instruction_Notes"]
TABULAR = """<?xml version="1.0" encoding="utf-8"?>
<ICD10CM.tabular><version>2026</version>
<chapter><name>19</name><desc>Injury (S00-T88)</desc>
 <excludes2><note>birth trauma (P10-P15)</note></excludes2>
 <section id="S90-S99"><desc>Ankle</desc>
  <diag><name>S93</name><desc>Sprain</desc>
   <excludes1><note>strain (S96.-)</note></excludes1>
   <sevenChrDef><extension char="A">initial encounter</extension><extension>heading</extension>
    <extension char="S">sequela</extension><note>no character</note></sevenChrDef>
   <notes><note>7th characters S do not apply to codes in category S93 with 6th character 9 - other.</note></notes>
   <diag><name>S93.4</name><desc>Sprain of ankle</desc>
    <diag><name>S93.401</name><desc>Sprain of right ankle</desc></diag>
    <diag><name>S93.409</name><desc>Sprain of unspecified ankle</desc></diag></diag>
   <diag><name>S93.5</name><desc>Sprain of toe</desc></diag>
  </diag>
  <diag><name>S94</name><desc>Injury</desc>
   <diag placeholder="true"><name>S94.1X</name><desc>Injury of foot</desc>
    <diag><name>S94.1X1</name><desc>left</desc></diag></diag>
  </diag>
 </section>
</chapter>
</ICD10CM.tabular>
"""


def ptp(folder: Path, rows: list[str], name: str = "ccipra-v302r0-f1.txt") -> Path:
    path = folder / name
    path.write_text(PTP_HEADER + "".join(row.replace(" ", "\t", 6) + "\n" for row in rows), encoding="latin-1")
    return path


def mue(folder: Path, rows: list[str], setting: str = "Practitioner Services",
        name: str = "MCR_MUE_PractitionerServices_Eff_04-01-2026.csv") -> Path:
    path = folder / name
    path.write_text('"CPT codes are\ncopyright \xae AMA",,,\r\n'
                    f'"HCPCS/\nCPT Code",{setting} MUE Values,MUE Adjudication Indicator,MUE Rationale\r\n'
                    + "".join(row + "\r\n" for row in rows), encoding="latin-1")
    return path


def csv_file(folder: Path, name: str, header: list[str], rows: list[str], separator: str = ",") -> Path:
    path = folder / name
    path.write_text(separator.join(header) + "\r\n" + "".join(row + "\r\n" for row in rows))
    return path


def pfs(folder: Path, rows: list[str], name: str = "PPRRVU2025_Oct.csv", year: int = 2025) -> Path:
    """Rows are `code,mod,status,work,nonfac total,fac total,pctc,glob,mult,bilat,asst,cosurg,team,endo`."""
    lines = [",,National Physician Fee Schedule Relative Value File October Release" + "," * 28,
             PFS_TITLES.format("IND," if year >= 2026 else "")]
    for row in rows:
        code, mod, status, work, out, inside, pctc, glob, mult, bilateral, assistant, co, team, endo = row.split(",")
        cells = [code, mod, "-", status, "", work, "1.00", "NA", "1.00", "", "0.10", out, inside, pctc, glob, "0.10",
                 "0.80", "0.10", mult, bilateral, assistant, co, team, *(["9"] if year >= 2026 else []), endo,
                 "32.3465", "09", "0", "99", "0.00", "0.00", "0.00"]
        lines.append(",".join(cells))
    path = folder / name
    path.write_text("\r\n".join(lines) + "\r\n")
    return path


def zipped(path: Path, name: str) -> Path:
    """A zip with one file, which is removed."""
    archive = path.parent / name
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.write(path, path.name)
    path.unlink()
    return archive
