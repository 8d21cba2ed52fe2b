"""What a forged handoff can get: nothing that sandbox-exec was told to withhold."""

import os
import socket

import handoff_wire as wire
import harness
from handoff_wire import MEMFD, SOCKET, VARIABLE
from harness import BIN, EXEC
from order_test import Origin

# Forges, inside a sandbox, a handoff for itself from the rest of its arguments, and execs those.
FORGE = """
import fcntl, os, struct, sys
body, argv = bytes.fromhex(sys.argv[1]), sys.argv[2:]
fd = os.memfd_create("forged", os.MFD_ALLOW_SEALING)
os.set_inheritable(fd, True)
os.write(fd, b"SBXH" + struct.pack("=I", len(body)) + body)
fcntl.fcntl(fd, fcntl.F_ADD_SEALS, 15)
os.environ["SANDBOX_HANDOFF_FD"] = str(fd)
os.execv(argv[0], argv)
"""

ATTACKS = r"""
cat "$SECRET" 2>/dev/null
"$ATTACK" tcp 127.0.0.1 "$PORT"
"$ATTACK" new_userns
grep -E '^(CapEff|NoNewPrivs)' /proc/self/status
"""


class Forged(harness.Case):
    """A forged handoff confines its forger's child: what sandbox-exec is told to enforce stays."""

    def setUp(self):
        super().setUp()
        self.secret = self.top / "secret"
        self.secret.write_text("the secret\n")
        origin = Origin()
        origin.start()
        self.addCleanup(origin.server.server_close)
        self.addCleanup(origin.server.shutdown)
        self.more = {"SECRET": str(self.secret), "ATTACK": str(BIN / "attack"), "PORT": str(origin.port)}

    def attack(self, words, make=None):
        env = self.env(**self.more, **({VARIABLE: str(MEMFD)} if make else {}))
        done = self.run_in([*words, "sh", "-c", ATTACKS], env=env, preexec_fn=make, close_fds=False)
        return done

    def assert_blocked(self, done):
        self.assertNotIn("the secret", done.stdout)
        self.assertNotIn("succeeded", done.stdout)
        self.assertIn("CapEff:\t0000000000000000\nNoNewPrivs:\t1\n", done.stdout, done.stderr)

    def test_without_a_sandbox_the_attacks_succeed(self):
        done = self.attack([])
        self.assertEqual(2, done.stdout.count("succeeded"), done.stdout)
        self.assertIn("the secret", done.stdout)

    def test_no_claim_loosens(self):
        def sock():
            os.dup2(socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)[0].detach(), 60)

        claims = {
            "no namespaces": {"mode": 2},
            "all was done": {"mode": 1, "stages": [wire.stage(name) for name in (
                "sandbox-cow", "sandbox-netbridge", "sandbox-trace", "sandbox-limits")]},
            "an odd caller": {"callers": [wire.caller((1 << 64) - 1, (1 << 64) - 1, 0xFFFFFFF8)]},
            "a descriptor": {"descriptors": [wire.descriptor("d", 60, SOCKET)]},
        }
        for what, fields in claims.items():
            for mode in ("strict", "landlock"):
                with self.subTest(what, mode=mode):
                    def make(given=fields):
                        sock()
                        wire.handing(**given)()
                    done = self.attack([EXEC, f"--mode={mode}", "--system", "-r", BIN, "--"], make)
                    self.assertEqual(0, done.returncode, done.stderr)
                    self.assert_blocked(done)

    def test_what_is_forged_inside_a_sandbox_loosens_nothing(self):
        here = wire.identity(self.top)
        claims = {
            "nothing": {},
            "no namespaces": {"mode": 2},
            "a layer": {"layers": [wire.layer(here, here, here, here)]},
        }
        inner = [EXEC, "--mode=landlock", "--system", "-r", BIN, "--"]
        for what, fields in claims.items():
            with self.subTest(what):
                # The command of a strict sandbox is process 2 of its own namespace.
                body = wire.handoff(2, **fields).hex()
                done = self.attack([EXEC, "--mode=strict", "--system", "-r", BIN, "--",
                                    "python3", "-c", FORGE, body, *inner])
                if what == "a layer":
                    self.assertEqual(125, done.returncode, done.stdout)
                    self.assertIn("cannot run without namespaces", done.stderr)
                else:
                    self.assertEqual(0, done.returncode, done.stderr)
                    self.assert_blocked(done)

if __name__ == "__main__":
    harness.main()
