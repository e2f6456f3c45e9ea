# SPDX-License-Identifier: LGPL-2.1-or-later
"""The attacks: each puts into a plan what it wants done, by the plan's dice. What the
words of a plan mean is in deeds.py."""

import schedule

NETWORKS = (
    # loss, delay, reordering, duplication; collapse and recovery
    [('loss', 10), ('loss', 30), ('loss', 0)],
    [('delay', 150), ('delay', 20), ('delay', 0)],
    [('reorder', 20), ('duplicate', 20), ('reorder', 0), ('duplicate', 0)],
    [('rate', 600), ('rate', 5000), ('rate', 150), ('rate', 0)],
)
WORKERS = ('foyerd', 'camera', 'cast', 'slate', 'display')
ROGUE_WAYS = ('foreign', 'generation', 'past', 'future', 'repeat', 'untagged',
              'held', 'joined')


class Attack:
    """What makes its events, and what a house must have for it."""

    def __init__(self, name, make, needs=(), is_mixed=True, is_long=False):
        self.name = name
        self.make = make
        self.needs = set(needs)
        self.is_mixed = is_mixed  # may be part of a mixture
        self.is_long = is_long  # made only if it is asked for


ATTACKS = {}


def attack(*needs, is_mixed=True, is_long=False):
    """Registers a maker of events under its name."""
    def register(make):
        name = make.__name__
        ATTACKS[name] = Attack(name, make, needs, is_mixed and not is_long,
                               is_long)
        return make
    return register


@attack()
def churn(plan):
    """Casts, stops, revocations, lockdowns, expiries, refusals, and rules against
    sound, at random."""
    for at in plan.each(260):
        do = plan.dice.choices(
            ['stop', 'revoke', 'expire', 'refuse', 'refuse_sound', 'mute',
             'lockdown', 'forget'], [6, 4, 3, 2.5, 1, 2, 0.5, 1.5])[0]
        if do == 'lockdown':
            plan.do(at, 'lockdown')
            plan.do(at + 300, 'refuse', display=plan.display(), camera=0)
            plan.do(at + 400, 'unlock')
        elif do == 'refuse':
            plan.do(at, 'refuse', display=plan.display(),
                    camera=plan.camera())
        elif do == 'expire':
            plan.do(at, 'expire', display=plan.display())
        else:
            plan.do(at, do, display=plan.display())


@attack('drop')
def stop_under_loss(plan):
    """Sessions end while their displays still ask for what was lost."""
    plan.do(900, 'drop', percent=20)
    for at in plan.each(300):
        display = plan.display()
        plan.do(at, plan.dice.choice(['stop', 'revoke']), display=display)
        plan.do(at + 1, 'nag', a=display, b=display)
    # Workers that can't hear of it before the call returns.
    for at in range(2400, plan.duration_ms - 2000, 1300):
        plan.do(at, 'lockdown', is_stunned=True)
        plan.do(at + 150, 'unlock')
        plan.do(at + 151, 'cast_all')
    plan.do(plan.duration_ms - 1500, 'lockdown')
    plan.do(plan.duration_ms - 1499, 'nag', a=0, b=0)


@attack('network')
def network(plan):
    """A bad network: each kind of badness, and back."""
    at = 1500
    while at < plan.duration_ms:
        for what, value in plan.dice.choice(NETWORKS):
            plan.do(at, 'link', what=what, value=value)
            if plan.dice.random() < 0.5:
                plan.do(at + 300, plan.dice.choice(['stop', 'revoke']),
                        display=plan.display())
            at += plan.dice.randrange(700, 1600)


@attack()
def kill(plan):
    """kill -9 of each process."""
    for at in plan.each(900):
        plan.do(at, 'kill', kind=plan.dice.choice(WORKERS),
                which=plan.dice.randrange(64))


@attack()
def freeze(plan):
    """SIGSTOP of workers, of the displays and of foyerd, and SIGCONT."""
    for at in plan.each(900):
        kind = plan.dice.choices(
            ['camera', 'cast', 'displays', 'foyerd'], [4, 6, 1, 2])[0]
        plan.do(at, 'freeze', kind=kind, which=plan.dice.randrange(64),
                ms=plan.dice.choice([200, 700, 1600, 2600]))
        if plan.dice.random() < 0.4:
            plan.do(at + 100, plan.dice.choice(['stop', 'revoke']),
                    display=plan.display())


@attack()
def stall(plan):
    """A camera that stops in mid-stream and goes on: what it had is old then."""
    for at in plan.each(2600):
        plan.do(at, 'freeze', kind='camera', which=plan.dice.randrange(64),
                ms=plan.dice.choice([1200, 1700, 2300]))


@attack()
def full_pool(plan):
    """Readers that take nothing for so long that their pools are full."""
    for at in plan.each(700):
        plan.do(at, 'freeze', kind='cast', which=plan.dice.randrange(64),
                ms=plan.dice.choice([500, 1500, 2500]))


@attack(is_mixed=False)
def replug(plan):
    """Cameras that come back in another order, one of them configured twice."""
    for at in plan.each(3500):
        plan.do(at, 'replug', order=plan.dice.sample(
            range(plan.n_cameras), plan.n_cameras),
            twin=plan.dice.random() < 0.5)


@attack()
def rename(plan):
    """Names swapped and rules pointed elsewhere, in mid-session."""
    for at in plan.each(500):
        if plan.dice.random() < 0.4:
            plan.do(at, 'swap_names', a=plan.camera(), b=plan.camera())
        else:
            plan.do(at, 'repoint', display=plan.display(),
                    camera=plan.camera())


@attack('each')
def move(plan):
    """Displays that move, and whose place another one takes."""
    for at in plan.each(900):
        a, b = plan.dice.sample(range(plan.n_displays), 2)
        plan.do(at, plan.dice.choice(['take_place', 'take_place', 'power']),
                a=a, b=b)


@attack('guest', is_mixed=False)
def readdress(plan):
    """A display that the owner added by its address moves to another one, or
    another display answers at the address that he then gives."""
    for at in plan.each(1300):
        plan.do(at, 'readdress', is_own=plan.dice.random() < 0.5,
                by=plan.display())


@attack('keep', is_mixed=False)
def keep(plan):
    """Sessions that are to be kept come back by themselves, all at once, after
    cameras and displays were lost; and never after a stop."""
    at = 1500
    while at < plan.duration_ms:
        plan.do(at, 'kill', kind=plan.dice.choice(['camera', 'cast', 'display']),
                which=plan.dice.randrange(64))
        for _ in range(3):
            plan.do(at + plan.dice.randrange(1500), 'stop_waiting',
                    which=plan.dice.randrange(64))
        plan.do(at + plan.dice.randrange(1500),
                plan.dice.choice(['stop', 'revoke']), display=plan.display())
        at += plan.dice.randrange(600, 1400)


@attack('relay', is_mixed=False)
def relay(plan):
    """Somebody in the middle, with a certificate of his own: he hands the
    authentication on to a display, or gives one that he has seen before."""
    for at in plan.each(900):
        # The one whose keys the owner accepted, more often than another.
        plan.do(at, 'relay', way=plan.dice.choice(['live', 'recorded']),
                display=plan.dice.choice([0, 0, 0, plan.display()]))


@attack('many', is_mixed=False)
def storm(plan):
    """All displays at once, again and again: after the service is back, and after
    the displays are."""
    plan.do(2500, 'kill', kind='foyerd', which=0)
    plan.do(2501, 'cast_all')
    at = 4500
    while at < plan.duration_ms:
        plan.do(at, 'kill', kind='display', which=0)
        plan.do(at + 1, 'cast_all')
        at += 4000


@attack()
def forge(plan):
    """Datagrams of one session to the display of another, of pictures and of sound,
    feedback in others' names, and keys of others."""
    for at in plan.each(250):
        a, b = plan.dice.sample(range(plan.n_displays), 2)
        do = plan.dice.choice(['replay', 'replay_sound', 'steal', 'steal_sound',
                               'nag', 'nag'])
        if do == 'nag' and plan.dice.random() < 0.5:
            b = a
        plan.do(at, do, a=a, b=b)
        if do == 'nag' and plan.dice.random() < 0.3:
            plan.do(at + 1, 'stop', display=b)
            plan.do(at + 2, 'nag', a=a, b=b)


@attack('rogue', is_mixed=False)
def rogue(plan):
    """A camera's process that puts wrong frames, and wrong tags, into its links.
    How, it is told when it is born."""
    for at in plan.each(1100):
        plan.do(at, 'rogue', way=plan.dice.choice(ROGUE_WAYS))
        plan.do(at + 1, 'kill', kind='camera', which=plan.dice.randrange(64))


@attack('rogue', is_mixed=False)
def rogue_time(plan):
    """All cameras' processes with wrong times, for so long that what they say was
    captured a while ago was captured after the grant."""
    for at in plan.each(2600, first_ms=600):
        plan.do(at, 'rogue', way=plan.dice.choice(['past', 'past', 'held']))
        for i in range(plan.n_cameras):
            # The others come first by then.
            plan.do(at + 1 + i, 'kill', kind='camera', which=0)


@attack('web')
def web(plan):
    """Sessions over HTTP: others ask, with other tokens and from other addresses, and
    with URLs of sessions that are over."""
    for at in plan.each(450):
        do = plan.dice.choices(['pry', 'stop', 'revoke', 'kill'],
                               [5, 2, 2, 0.5])[0]
        if do == 'pry':
            plan.do(at, 'web_pry', which=plan.dice.randrange(64),
                    by=plan.dice.randrange(64))
        elif do == 'kill':
            plan.do(at, 'kill', kind='cast', which=plan.dice.randrange(64))
        else:
            plan.do(at, 'web_end', which=plan.dice.randrange(64),
                    is_revoked=do == 'revoke')


@attack('outsider', is_mixed=False)
def outsider(plan):
    """Another user of the machine, whom nobody allowed anything, calls all that
    changes something."""
    for at in plan.each(1500):
        plan.do(at, 'intrude', display=plan.display())


@attack('walls', 'reader', is_mixed=False)
def reader(plan):
    """Readers that try, from inside their walls, to map what they should not."""
    for at in plan.each(300):
        plan.do(at, 'stop', display=plan.display())


@attack('walls')
def pools(plan):
    """Who has whose memory: all maps and open files, again and again, while
    sessions come and go."""
    for at in plan.each(800):
        plan.do(at, 'look', which=plan.dice.randrange(64))
        plan.do(at + 100, 'stop', display=plan.display())


@attack('clock')
def clock(plan):
    """The wall clock jumps."""
    for at in plan.each(900):
        plan.do(at, 'jump', seconds=plan.dice.choice(
            [-86400, -3600, -2, 2, 3600, 86400, 31536000]))
        plan.do(at + 50, plan.dice.choice(['expire', 'stop', 'revoke']),
                display=plan.display())


@attack('walls', is_mixed=False)
def pressure(plan):
    """Memory runs out for a process: it is refused more, or the kernel kills in
    its control group."""
    for at in plan.each(700):
        plan.do(at, plan.dice.choice(['squeeze', 'crowd_out']),
                kind=plan.dice.choice(
                    ['camera', 'cast', 'cast', 'cast', 'slate']),
                which=plan.dice.randrange(64),
                kib=plan.dice.choice([0, 64, 512, 2048]))
        # Who begins needs memory.
        plan.do(at + 50, 'stop', display=plan.display())


@attack(is_long=True)
def starts(plan):
    """Sessions begin and end over few encoders, one after the other."""
    order = plan.dice.sample(range(plan.n_displays), plan.n_displays)
    for turn, at in enumerate(range(1500, plan.duration_ms, 100)):
        plan.do(at, 'stop', display=order[turn % plan.n_displays])
        plan.do(at + 1, 'cast_all')


@attack('many', is_long=True)
def at_once(plan):
    """All displays at once, again and again, while cameras are unplugged and come
    back, also as others."""
    for turn, at in enumerate(range(1500, plan.duration_ms, 3000)):
        plan.do(at, 'lockdown')
        plan.do(at + 100, 'unlock')
        plan.do(at + 101, 'cast_all')
        for i in range(plan.n_cameras):
            plan.do(at + 102 + plan.dice.randrange(400), 'kill', kind='camera',
                    which=i)
        if turn % 3 == 2:
            plan.do(at + 1500, 'replug', order=plan.dice.sample(
                range(plan.n_cameras), plan.n_cameras), twin=False)
            plan.do(at + 1501, 'cast_all')


@attack('fixed', 'web', is_long=True)
def fixed_random(plan):
    """No random number is one: what makes sessions differ must be something else."""
    forge(plan)
    web(plan)


def list_short():
    """The names of those that each run has."""
    return [name for name, each in ATTACKS.items() if not each.is_long]


HEAL_MS = 500
# Never in one mixture: what fetches URLs is not in the namespace of a bad network.
APART = (('web', 'network'),)


def find_needs(names):
    """What a house must have for these attacks."""
    return set().union(*(ATTACKS[name].needs for name in names))


def make(names, seed, n_displays, n_cameras, duration_ms):
    """The schedule of a round."""
    plan = schedule.Plan(f'{seed} {" ".join(names)}', n_displays, n_cameras,
                         duration_ms)
    plan.do(0, 'cast_all')
    for name in names:
        ATTACKS[name].make(plan)
    for at in range(1000, duration_ms, HEAL_MS):
        plan.do(at, 'cast_all')
    return plan.finish()


def mix(seed):
    """The names of a mixture."""
    dice = schedule.Plan(f'mix {seed}', 1, 1, 1).dice
    names = [name for name, a in ATTACKS.items() if a.is_mixed]
    chosen = dice.sample(names, dice.randrange(3, 6))
    for first, second in APART:
        if first in chosen and second in chosen:
            chosen.remove(second)
    return sorted(chosen)
