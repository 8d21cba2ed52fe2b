"""Questions about the graph of what ships: everything that the four tools are made of."""

_STAGES = "//:stages"
_SHIPPED = "kind(rule, deps(%s))" % _STAGES

LAYERS = {
    "L0": "base|uapi",
    "L1": "sys|fd",
    "L2": "proc|ns|landlock|seccomp|notify|view|net|overlay",
    "L3": "handoff|event|policy",
    "L4": "cli|diag|chain|mediate|realise",
}

def _of(layers, targets):
    libraries = "|".join([LAYERS[layer] for layer in layers])
    return "filter('^//lib/(%s):', %s)" % (libraries, targets)

def reaches(name, start, end):
    """What of the layers `end` the layers `start` depend on, over any number of steps."""
    native.genquery(
        name = name,
        testonly = True,
        expression = _of(end, "deps(%s)" % _of(start, _SHIPPED)),
        scope = [_STAGES],
    )

def other_tools(name, tool):
    """What of other tools the tool //TOOL depends on."""
    own = "filter('^//sandbox-', deps(//%s))" % tool
    native.genquery(
        name = name,
        testonly = True,
        expression = "%s except filter('^//%s:', %s)" % (own, tool, own),
        scope = ["//" + tool],
    )

def other_users(name, library, user):
    """Who besides the package `user` depends on `library` with no step between."""
    users = "rdeps(deps(%s), %s, 1) except %s" % (_STAGES, library, library)
    native.genquery(
        name = name,
        testonly = True,
        expression = "(%s) except filter('^%s:', %s)" % (users, user, users),
        scope = [_STAGES],
    )
