"""protobuf-lite code from a .proto file, by the installed protoc."""

load("@rules_cc//cc:defs.bzl", "cc_library")

def lite_proto_library(name, src, visibility = None):
    """cc_library NAME with SRC's messages, generated for the lite runtime.

    Args:
      name: the target.
      src: a .proto file of this package; its imports, if any, are not supported.
      visibility: who may depend on it.
    """
    base = src[:-len(".proto")]
    native.genrule(
        name = name + "_generated",
        srcs = [src],
        outs = [base + ".pb.h", base + ".pb.cc"],
        cmd = "/usr/bin/protoc --cpp_out=lite:$(GENDIR) -I. $(location %s)" % src,
        message = "Generating protobuf-lite code for",
    )
    cc_library(
        name = name,
        srcs = [base + ".pb.cc"],
        hdrs = [base + ".pb.h"],
        linkstatic = True,
        copts = ["-fno-exceptions", "-fno-rtti", "-fPIE"],
        visibility = visibility,
        deps = ["//third_party/protobuf:protobuf_lite"],
    )
