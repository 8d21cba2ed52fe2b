"""Abseil as Debian installs it (static archives and .pc files), under upstream's labels.

Each absl_NAME.pc becomes a cc_library //:NAME; the labels that this project uses, such as
@com_google_absl//absl/status:statusor, are aliases to those.
"""

# Upstream package of each library that is used here. Debian's .pc files do not say it.
_PACKAGES = {
    "cleanup": ["cleanup"],
    "container": ["flat_hash_map", "flat_hash_set", "inlined_vector"],
    "functional": ["function_ref", "any_invocable"],
    "status": ["status", "statusor"],
    "strings": ["strings", "str_format"],
    "time": ["time"],
    "types": ["span"],
}

def _requires(text):
    names = []
    for line in text.splitlines():
        if not line.startswith("Requires:"):
            continue
        for part in line[len("Requires:"):].split(","):
            name = part.strip().split(" ")[0]
            if name.startswith("absl_"):
                names.append(name[len("absl_"):])
    return names

def _archive(text, libdir, repository_ctx):
    for line in text.splitlines():
        if not line.startswith("Libs:"):
            continue
        for word in line.split(" "):
            if word.startswith("-labsl_"):
                file = "lib" + word[2:] + ".a"
                if repository_ctx.path(libdir + "/" + file).exists:
                    return "-l:" + file
    return None

def _debian_absl_repository_impl(repository_ctx):
    libdir = "/usr/lib/" + repository_ctx.execute(["gcc", "-print-multiarch"]).stdout.strip()
    pkgconfig = repository_ctx.path(libdir + "/pkgconfig")
    if not pkgconfig.exists:
        fail("Abseil is not installed: apt-get install libabsl-dev")
    build = ["package(default_visibility = ['//visibility:public'])"]
    for pc in pkgconfig.readdir():
        if not (pc.basename.startswith("absl_") and pc.basename.endswith(".pc")):
            continue
        name = pc.basename[len("absl_"):-len(".pc")]
        text = repository_ctx.read(pc)
        archive = _archive(text, libdir, repository_ctx)
        build.append("cc_library(name = %r, deps = %r, linkopts = %r + ['-pthread'])" % (
            name,
            [":" + dep for dep in _requires(text) if dep != name],
            [archive] if archive else [],
        ))
    repository_ctx.file("BUILD", "\n".join(build) + "\n")
    for package, names in _PACKAGES.items():
        repository_ctx.file("absl/%s/BUILD" % package, "\n".join([
            "alias(name = %r, actual = '//:%s', visibility = ['//visibility:public'])" % (name, name)
            for name in names
        ]) + "\n")

debian_absl_repository = repository_rule(
    implementation = _debian_absl_repository_impl,
    local = True,
    doc = "Makes a repository of cc_library targets from the installed absl_*.pc files.",
)
