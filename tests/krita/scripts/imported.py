"""The plugin that Krita's importer has unpacked: it loads, and its docker is there."""


def main(t):
    docker = t.docker("inlay")
    t.check("the docker", docker is not None)
    t.check("the panel in it", t.find("inlay_panel") is not None)
    t.check("the actions", all(t.krita.action(f"inlay_{name}") for name in ("remove", "extend", "cancel")))
    yield 0.1
