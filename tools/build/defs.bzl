"""The project's C++ rules: copts, static linking and test defaults in one place."""

load("@rules_cc//cc:defs.bzl", "cc_binary", "cc_library", "cc_test")
load(":copts.bzl", "COPTS", "HARDENING_LINKOPTS", "STATIC_LINKOPTS", "TEST_COPTS")

def sandbox_cc_library(name, copts = [], **kwargs):
    """A library of ours: private unless it says whom it is for."""
    cc_library(name = name, copts = COPTS + copts, linkstatic = True, **kwargs)

def sandbox_cc_binary(name, copts = [], linkopts = [], **kwargs):
    """A tool: one static position-independent executable."""
    cc_binary(
        name = name,
        copts = COPTS + copts,
        linkopts = STATIC_LINKOPTS + linkopts,
        **kwargs
    )

def sandbox_cc_victim(name, copts = [], linkopts = [], **kwargs):
    """A program that tests run inside a sandbox: static and never instrumented."""
    cc_binary(
        name = name,
        testonly = True,
        copts = COPTS + copts,
        linkopts = STATIC_LINKOPTS + linkopts,
        **kwargs
    )

def sandbox_cc_test(name, copts = [], deps = [], size = "small", **kwargs):
    """A GoogleTest binary."""
    cc_test(
        name = name,
        size = size,
        copts = TEST_COPTS + copts,
        linkopts = HARDENING_LINKOPTS,
        deps = deps + ["//third_party/gtest:gtest_main"],
        **kwargs
    )
