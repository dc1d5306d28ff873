"""Writes dist/numgrad-VERSION-py3-none-PLATFORM.whl: python3 python/wheel.py GRADCHECK DIST

A wheel is a zip file: the module numgrad.py, the program GRADCHECK as a script,
and their description. GRADCHECK must be built without cgo, for this platform.
"""

import base64
import hashlib
import pathlib
import sys
import sysconfig
import zipfile


def main(program, dist):
    module = pathlib.Path(__file__).with_name("numgrad.py").read_bytes()
    version = module.decode().partition('\n__version__ = "')[2].partition('"')[0]
    platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    name, tag = f"numgrad-{version}", f"py3-none-{platform}"
    info = f"{name}.dist-info"
    exe = ".exe" if platform.startswith("win") else ""
    files = {
        "numgrad.py": module,
        f"{name}.data/scripts/gradcheck{exe}": pathlib.Path(program).read_bytes(),
        f"{info}/METADATA": (
            f"Metadata-Version: 2.1\nName: numgrad\nVersion: {version}\n"
            "Summary: Checks a gradient with nothing but values of the loss\n"
            "License: BSD-3-Clause\nRequires-Python: >=3.8\nRequires-Dist: numpy\n"
        ).encode(),
        f"{info}/LICENSE": pathlib.Path(__file__).parents[1].joinpath("LICENSE").read_bytes(),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: numgrad\nRoot-Is-Purelib: false\nTag: {tag}\n".encode(),
    }
    digest = lambda content: base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
    record = "".join(f"{path},sha256={digest(content)},{len(content)}\n" for path, content in files.items())
    files[f"{info}/RECORD"] = (record + f"{info}/RECORD,,\n").encode()
    pathlib.Path(dist).mkdir(exist_ok=True)
    path = pathlib.Path(dist, f"{name}-{tag}.whl")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        for file, content in files.items():
            entry = zipfile.ZipInfo(file)  # of 1980: equal files give equal bytes
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o100755 if "/scripts/" in file else 0o100644) << 16
            wheel.writestr(entry, content)
    print(path)


main(*sys.argv[1:])
