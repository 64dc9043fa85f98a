#!/usr/bin/env python3
"""Starts an agent, has it work over a fault of its broker, and stops it: does it still have memory that nobody refers to? Needs pika.

  leaks.py AGENT        AGENT is a build of bench-agent under AddressSanitizer, which searches at the end (LSAN_OPTIONS may name suppressions)
"""
import os, random, sys, tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import load, measure


def main():
    with tempfile.TemporaryDirectory(prefix='operative-leaks-') as directory:
        broker = measure.Broker(f'{directory}/broker')
        try:
            tasks = load.Load(broker.connect, random.Random(1))
            agent = measure.Agent(sys.argv[1], broker, directory, ASAN_OPTIONS='detect_leaks=1:detect_stack_use_after_return=0')
            ok = tasks.goes_on(120, 200) is not None
            broker.stop()
            broker.start()
            ok &= tasks.goes_on(120, 200) is not None
            tasks.finish()
            # What the search finds makes it another code than 0.
            status = agent.stop()
            ok &= tasks.verdict(agent.effects()) and status == 0
            if not ok: print(f'last exit {status}\n' + open(f'{directory}/agent.log').read()[-20000:], file=sys.stderr)
        finally:
            broker.stop()
    sys.exit(0 if ok else 1)


if __name__ == '__main__':
    main()
