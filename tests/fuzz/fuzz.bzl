"""Fuzz targets: a libFuzzer binary, a test for the ordinary build, a writer of seeds."""

load("//tools/build:defs.bzl", "sandbox_cc_library", "sandbox_cc_test")
load("//tools/build:copts.bzl", "COPTS", "HARDENING_LINKOPTS")
load("@rules_cc//cc:defs.bzl", "cc_binary")

def fuzz_target(name, deps):
    """NAME_fuzz.cc, which defines what fuzz.h declares; corpus/NAME/ holds inputs beside its seeds.

    Makes NAME_fuzz, NAME_replay_test and NAME_seeds.

    Args:
      name: of the target, without "_fuzz".
      deps: what it uses beside //lib/base:check and fuzz.h.
    """
    corpus = native.glob(["corpus/%s/*" % name])
    sandbox_cc_library(
        name = name + "_target",
        testonly = True,
        srcs = [name + "_fuzz.cc"],
        deps = deps + [":fuzz", "//lib/base:check", "@com_google_absl//absl/strings"],
    )
    sandbox_cc_test(
        name = name + "_replay_test",
        srcs = ["replay_test.cc"],
        data = corpus,
        env = {"SANDBOX_TEST_CORPUS": "tests/fuzz/corpus/" + name} if corpus else {},
        deps = [":" + name + "_target", ":fuzz"],
    )
    cc_binary(
        name = name + "_seeds",
        testonly = True,
        srcs = ["seeds_main.cc"],
        copts = COPTS,
        linkopts = HARDENING_LINKOPTS,
        deps = [":" + name + "_target", ":fuzz", "@com_google_absl//absl/strings"],
    )

    # Without libFuzzer it runs the files that it is given: a crash can be looked at in any build.
    cc_binary(
        name = name + "_fuzz",
        testonly = True,
        srcs = select({
            "//tools/build:fuzz": ["driver.cc"],
            "//conditions:default": ["reproduce_main.cc"],
        }),
        copts = COPTS,
        linkopts = HARDENING_LINKOPTS + select({
            "//tools/build:fuzz": ["-fsanitize=fuzzer"],
            "//conditions:default": [],
        }),
        deps = [":" + name + "_target", ":fuzz"],
    )
