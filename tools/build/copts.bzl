"""The one source of compiler and linker options. Warnings are in .bazelrc (own code only)."""

COPTS = [
    "-fno-exceptions",
    "-fno-rtti",
    "-fstack-protector-strong",
    "-fPIE",
]

# GoogleTest's own macros want neither of the two; tests keep exceptions off all the same.
TEST_COPTS = COPTS

HARDENING_LINKOPTS = [
    "-Wl,-z,relro,-z,now",
    "-Wl,-z,noexecstack",
]

STATIC_LINKOPTS = select({
    "//tools/build:shared_link": [],
    "//conditions:default": ["-static-pie"],
}) + HARDENING_LINKOPTS
