# SPDX-License-Identifier: LGPL-2.1-or-later
"""Frama-C with WP over the files that ship: what is proven, and how."""

import concurrent.futures
import dataclasses
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = ('tests/proof/include', 'daemon/base', 'daemon/policy', 'daemon/core',
           'daemon/ipc', 'plugins', 'plugins/cast')
PROVERS = ('cvc4', 'z3')
# No goal takes more: 142410 and 2903373 are the most. Steps are the same on every
# machine, and alone decide.
GOAL_STEPS = {'cvc4': 150000, 'z3': 3000000}
# So that there is an end. A machine with much other work may need more than the first
# of these for the steps, and is then given the second.
GOAL_TIMEOUT_S = int(os.environ.get('FOYER_PROOF_SECONDS', '60'))
GOAL_PATIENCE_S = max(1200, GOAL_TIMEOUT_S)
# A comment that begins with @ and ends just above a function.
CONTRACT = re.compile(r'/\*@(?:(?!\*/)[\s\S])*\*/\n'
                      r'(?:static )?(?:inline )?(?=\S)'
                      r'[\w \*]+?[\s\*](\w+) \(')
# Warnings that leave nothing out; any other is a failure.
HARMLESS = ('[wp:pedantic-assigns]',)
# What becomes of a goal, as soon as it is known.
GOAL = re.compile(r'^\[wp\] \[[^\]]+\] Goal (\w+) : (\w+)', re.M)
TIMED_OUT = 'Timeout'
# Files at a time, and goals of each: Frama-C looks but three times a second whether
# one is proven.
N_JOBS = 2
N_GOALS = 4


@dataclasses.dataclass(frozen=True)
class Proof:
    """A file that ships, which of its functions, which functions others of it
    call that neither have a contract nor a body there, and by which prover: two
    that race cost more than both."""
    source: str
    functions: tuple
    foreign: tuple = ()
    prover: str = 'cvc4'

    @property
    def name(self):
        """For a case."""
        stem = pathlib.Path(self.source).name.split('.')[0].replace('-', '_')
        return stem if self.prover == PROVERS[0] else f'{stem}_by_{self.prover}'


READER = tuple('foyer_' + name for name in (
    'reader_make', 'reader_is_ok', 'reader_take', 'reader_get_uint',
    'reader_get_u8', 'reader_get_u16', 'reader_get_u24', 'reader_get_u32',
    'reader_get_u64', 'writer_make', 'writer_is_ok', 'writer_get_room'))

# What WP can't take, and so has no contract, stands in docs/proofs.rst with the
# reason.
PROOFS = (
    Proof('plugins/foyer-gate.c', (
        'grant_is_one', 'foyer_gate_close', 'is_too_old',
        'foyer_gate_decide_again', 'foyer_gate_decide', 'foyer_gate_pass',
        'foyer_camera_id_equal')),
    # Of a gate that was weakened CVC4 says nothing, and takes no steps meanwhile.
    Proof('plugins/foyer-gate.c', ('foyer_gate_open',), prover='z3'),
    Proof('daemon/policy/foyer-policy.c', (
        'target_matches', 'has_group', 'subject_matches', 'time_matches',
        'media_match', 'rule_matches', 'lasts_longer', 'foyer_policy_decide',
        'foyer_request_is_valid', 'foyer_rule_is_valid',
        'foyer_rule_is_in_window', 'foyer_policy_add', 'foyer_policy_find',
        'foyer_target_id_equal')),
    Proof('daemon/policy/foyer-policy.c', ('put_rule',), prover='z3'),
    Proof('daemon/ipc/foyer-slots.c', (
        'foyer_slots_init', 'foyer_slots_find', 'foyer_slots_hand_over',
        'foyer_slots_give_back', 'foyer_slots_get_n_read')),
    Proof('plugins/cast/foyer-cast-rtp.c', READER + (
        'is_payload_type', 'read_rtp_header', 'read_extension',
        'read_cast_header', 'foyer_cast_rtp_inspect', 'foyer_cast_rtp_parse',
        'foyer_cast_rtp_count_packets', 'expand8', 'foyer_cast_expand8',
        'foyer_cast_expand8_at_most', 'foyer_cast_expand8_beyond',
        'foyer_cast_expand32')),
    Proof('plugins/cast/foyer-cast-rtcp-packet.c', (
        'foyer_cast_rtcp_take_packet',)),
    Proof('plugins/cast/foyer-cast-rtcp.c', (
        'is_leading_type', 'inspect_rtcp', 'foyer_cast_packet_inspect',
        'read_sender_report', 'foyer_cast_rtcp_parse_sender_report'),
        foreign=('foyer_cast_rtcp_put_header',)),
    Proof('daemon/ipc/foyer-link-message.c', (
        'pool_is_valid', 'frame_is_valid', 'read_frame', 'read_fields',
        'foyer_link_message_read'), foreign=('foyer_shape_write',)),
    Proof('daemon/ipc/foyer-shape.c', (
        'foyer_shape_is_valid', 'foyer_codec_is_still', 'foyer_shape_equal',
        'foyer_shape_read')),
    Proof('daemon/core/foyer-core.c', (
        'key_equal', 'why_not_display', 'why_not_allowed', 'why_end', 'is_busy',
        'why_refuse', 'choose_turn'), foreign=(
            'foyer_core_open_camera', 'foyer_core_settle_camera',
            'foyer_core_take_house_event', 'foyer_session_take_turn')),
    Proof('daemon/core/foyer-core-session.c', (
        'foyer_effects_add', 'foyer_session_is_active',
        'foyer_session_state_is_open')),
    Proof('daemon/core/foyer-core-house.c', (
        'foyer_moment_is_past', 'foyer_earlier_us', 'foyer_core_find_session',
        'foyer_core_find_camera', 'foyer_core_find_target',
        'foyer_session_id_equal'), foreign=('foyer_policy_remove',)),
)


@dataclasses.dataclass
class Verdict:
    """What became of one proof."""
    n_goals: int
    n_proven: int
    seconds: float
    output: str

    @property
    def is_proven(self):
        return 0 < self.n_goals == self.n_proven


def find_missing():
    """Programs that are not there."""
    return [name for name in ('frama-c', 'why3', *PROVERS)
            if shutil.which(name) is None]


def make_home():
    """A folder in which why3 has looked for the provers; nothing of the user's
    own set-up counts, and none of it is changed."""
    home = tempfile.TemporaryDirectory(prefix='foyer-proof-')
    environment = dict(os.environ, HOME=home.name)
    environment.pop('WHY3CONFIG', None)
    subprocess.run(['why3', 'config', 'detect'], env=environment, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return home, environment


def is_foreign(warning, proof):
    """Whether it is about a function that no proven function calls."""
    return (warning.startswith('[kernel:annot:missing-spec]') and
            any(f'function {name},' in warning for name in proof.foreign))


def make_command(proof, root, timeout_s):
    """Frama-C over one file of a tree. No goal is taken from a cache."""
    includes = ' '.join(f'-I{root / folder}' for folder in FOLDERS)
    return ['frama-c', '-c11', '-machdep', 'gcc_x86_64',
            f'-cpp-extra-args=-std=gnu11 {includes}', '-wp', '-wp-rte',
            '-wp-cache', 'none', '-wp-par', str(N_GOALS), '-wp-prover', proof.prover,
            '-wp-steps', str(GOAL_STEPS[proof.prover]),
            '-wp-timeout', str(timeout_s),
            '-wp-fct', ','.join(proof.functions), str(root / proof.source)]


def run_proof(proof, environment, root, timeout_s):
    """One run over a tree. A file that does not parse, or assumes anything,
    raises."""
    run = subprocess.run(make_command(proof, root, timeout_s), cwd=root,
                         env=environment, capture_output=True, text=True,
                         check=False)
    match = re.search(r'Proved goals:\s+(\d+) / (\d+)', run.stdout)
    warnings = [line for line in re.findall(
        r'^\[[\w:-]+\].*Warning:.*(?:\n  .*)*', run.stdout, re.M)
        if not line.startswith(HARMLESS) and not is_foreign(line, proof)]
    if run.returncode != 0 or match is None or warnings:
        raise RuntimeError(f'{proof.source}:\n{run.stdout}{run.stderr}')
    return match, run.stdout


def prove(proof, environment, root=ROOT):
    """Runs one proof over a tree, and again with much more time if it was time that
    was too short."""
    began = time.monotonic()
    match, output = run_proof(proof, environment, root, GOAL_TIMEOUT_S)
    if TIMED_OUT in (became for _, became in GOAL.findall(output)):
        match, output = run_proof(proof, environment, root, GOAL_PATIENCE_S)
    return Verdict(int(match.group(2)), int(match.group(1)),
                   time.monotonic() - began, output)


def find_first_unproven(proof, environment, root, timeout_s):
    """Runs one proof until the first goal is not proven: its name, and what became
    of it; None if all are. Raises if there was no goal to prove."""
    n_goals = 0
    lines = []
    with subprocess.Popen(
            make_command(proof, root, timeout_s), cwd=root,
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, process_group=0) as run:
        for line in run.stdout:
            lines.append(line)
            goal = GOAL.match(line)
            n_goals += goal is not None
            if goal is not None and goal.group(2) != 'Valid':
                os.killpg(run.pid, signal.SIGKILL)
                return goal.groups()
    if run.returncode != 0 or n_goals == 0:
        raise RuntimeError(f'{proof.source}:\n{"".join(lines)}')
    return None


def find_unproven(proof, environment, root):
    """The first goal that is not proven, in all its steps or because the prover has
    no more to try; None if all are. That it had no time says nothing: it is given
    much more, and raises if that was not enough either."""
    for timeout_s in (GOAL_TIMEOUT_S, GOAL_PATIENCE_S):
        lost = find_first_unproven(proof, environment, root, timeout_s)
        if lost is None:
            return None
        goal, became = lost
        if became != TIMED_OUT:
            return goal
    raise RuntimeError(f'{goal} had no time for its steps in {timeout_s} s')


def find_contracts(root=ROOT):
    """All functions of shipping files that have a contract for Frama-C."""
    found = set()
    for folder in FOLDERS[1:]:
        for path in sorted((root / folder).glob('*.[ch]')):
            found |= set(CONTRACT.findall(path.read_text(encoding='utf-8')))
    return found


def describe_failures(verdict):
    """The lines on goals that were not proven."""
    return '\n'.join(re.findall(r'^\[wp\] (\[(?!Qed).*(?:Failed|Timeout|Unknown|Step).*'
                                r'(?:\n  .*)*)', verdict.output, re.M))


def run_all(jobs):
    """The results of callables, two at a time, in their order."""
    with concurrent.futures.ThreadPoolExecutor(N_JOBS) as pool:
        return list(pool.map(lambda job: job(), jobs))
