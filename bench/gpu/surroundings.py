"""Says, as JSON, whether this Python has torch with a card, and which folders hold NVIDIA's libraries that came as packages."""
import glob, json, site, sys, sysconfig

said = {"torch": "", "why": "", "card": False, "libraries": []}
places = {sysconfig.get_paths()["purelib"], sysconfig.get_paths()["platlib"], *sys.path}
try:
    places |= {*site.getsitepackages(), site.getusersitepackages()}
except AttributeError:
    pass
said["libraries"] = sorted({d for p in places if p for d in glob.glob(p + "/nvidia/*/lib")})
try:
    import torch
    said["torch"], said["card"] = torch.__version__, torch.cuda.is_available()
except Exception as e:
    said["why"] = f"{type(e).__name__}: {e}"
print(json.dumps(said))
