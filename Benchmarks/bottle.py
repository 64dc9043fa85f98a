#!/usr/bin/env python3
"""A million in a bottle: does an agent that has served a million tasks look like one that has served a few? Needs pika (scripts/python-env).

  bottle.py AGENT [--operations 1000000] [--retries 100000] [--journal-mib 64] [--senders 2]

One agent serves all of them. Each retry asks for one more attempt after 1 to 10 s. Memory, file descriptors, threads and the journal's files are
sampled at the start (after a warm-up that takes every slot), at every tenth and at the end. Flat means:
  the journal had reached its limit before the middle
  memory at the end is at most that of the middle plus 10 % and 2 MB
  file descriptors and threads at the end are at most 2 more than in the middle
  the journal's database is never over its limit plus 10 % and 2 MB, and its write-ahead log at the end is at most that of the middle plus 10 % and 2 MB
  every task has one reply, and no second attempt ran twice
"""
import argparse, collections, glob, multiprocessing, os, random, sys, tempfile, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import measure
import pika

# So many tasks may be on their way: the agent always has work, and the broker's queue stays short.
AHEAD = 20_000
SLOTS = 32
MEGABYTE = 1_000_000

Sample = collections.namedtuple('Sample', 'answered seconds rss descriptors threads database log')


def is_retry(number, total, retries):
    """Spreads the retries evenly over all tasks."""
    return (number + 1) * retries // total > number * retries // total


def send(broker, total, retries, share, shares, sent, answered):
    """One of several senders, each with its share of the numbers, without publisher confirms: the count at the end shows what arrived."""
    channel = broker.connect().channel()
    chance = random.Random(share)
    for number in range(share, total, shares):
        if number % 64 < shares:
            while sum(sent) - sum(answered) > AHEAD:
                time.sleep(0.005)
        task = str(number)
        if is_retry(number, total, retries):
            payload = measure.body(task, 'load.retry', {'delay': chance.uniform(1, 10)})
        else:
            payload = measure.body(task, 'demo.tasks.noop')
        channel.basic_publish(measure.QUEUE, 'operation', payload,
                              pika.BasicProperties(delivery_mode=2, correlation_id=task, reply_to='replies'))
        sent[share] += 1
    channel.connection.close()


def collect(broker, replies, answered, copies):
    channel = broker.connect().channel()

    def note(_channel, _method, properties, _payload):
        number = int(properties.correlation_id)
        if number == len(replies) - 1:
            replies[number] = 1
        elif replies[number]:
            copies[0] += 1
        else:
            replies[number] = 1
            answered[0] += 1
    channel.basic_consume('replies', note, auto_ack=True)
    channel.start_consuming()


def warm_up(channel, number, replies):
    properties = pika.BasicProperties(delivery_mode=2, correlation_id=str(number), reply_to='replies')
    # The agent binds its queue; until then nothing takes the message.
    for _ in range(300):
        channel.basic_publish(measure.QUEUE, 'operation', measure.body('warm-up', 'demo.tasks.noop'), properties)
        time.sleep(0.1)
        if replies[number]:
            break
    else:
        sys.exit('the agent does not answer')
    # A thread is made when it is first needed: with every slot taken at once, all are there before anything is counted.
    for slot in range(SLOTS):
        channel.basic_publish(measure.QUEUE, 'operation', measure.body(f'slot-{slot}', 'load.block', {'seconds': 2}), properties)
    # What is still on its way of the warm-up is not to be counted.
    time.sleep(5)


def sample(agent, directory, answered, began):
    process = f'/proc/{agent.process.pid}'
    with open(f'{process}/status') as file:
        status = dict(line.split(':', 1) for line in file)
    sizes = {path.rsplit('.', 1)[-1]: os.path.getsize(path) for path in glob.glob(f'{directory}/state/**/journal.db*', recursive=True)}
    return Sample(answered, time.time() - began, int(status['VmRSS'].split()[0]) * 1024, len(os.listdir(f'{process}/fd')),
                  int(status['Threads']), sizes.get('db', 0), sizes.get('db-wal', 0))


def show(sample):
    print(f'{sample.answered:>9} answered, {sample.seconds:6.1f} s: RSS {sample.rss / MEGABYTE:.1f} MB, descriptors {sample.descriptors}, '
          f'threads {sample.threads}, journal.db {sample.database / MEGABYTE:.1f} MB, -wal {sample.log / MEGABYTE:.1f} MB', flush=True)


def complaints(samples, limit):
    """What is not flat."""
    middle, end = samples[len(samples) // 2], samples[-1]
    grown = lambda before, after: after > before * 1.1 + 2 * MEGABYTE
    if middle.database < limit * 0.85: yield 'the journal had not reached its limit at the middle: the rest says nothing'
    if grown(middle.rss, end.rss): yield 'memory grew'
    if end.descriptors > middle.descriptors + 2: yield 'file descriptors grew'
    if end.threads > middle.threads + 2: yield 'threads grew'
    if grown(limit, max(s.database for s in samples)): yield 'the journal is over its limit'
    if grown(middle.log, end.log): yield 'the write-ahead log grew'


def second_attempts(path):
    """How many tasks had their second attempt, and how many had it more than once."""
    runs = collections.Counter()
    with open(path) as file:
        for line in file:
            what, task, _ = line.split()
            if what == 'due':
                runs[task] += 1
    return len(runs), sum(count > 1 for count in runs.values())


def run(a, broker, directory):
    total, limit = a.operations + a.retries, a.journal_mib << 20
    agent = measure.Agent(a.agent, broker, directory, BENCH_CONCURRENCY=str(SLOTS), BENCH_JOURNAL_MAX_BYTES=f'{a.journal_mib}MiB',
                          # Its descriptors are counted, by whatever user runs this.
                          OPERATIVE_LOG_CORE_DUMPS='true')
    channel = broker.connect().channel()
    channel.exchange_declare(measure.QUEUE, 'direct', durable=True)
    channel.queue_declare('replies', durable=True)
    channel.queue_bind('replies', measure.QUEUE, 'replies')

    # The one task beyond the numbers of the others shows that the agent is up.
    replies = multiprocessing.Array('B', total + 1, lock=False)
    sent = multiprocessing.Array('Q', a.senders, lock=False)
    answered, copies = multiprocessing.Array('Q', 1, lock=False), multiprocessing.Array('Q', 1, lock=False)
    collector = multiprocessing.Process(target=collect, args=(broker, replies, answered, copies), daemon=True)
    collector.start()
    warm_up(channel, total, replies)
    senders = [multiprocessing.Process(target=send, args=(broker, total, a.retries, share, a.senders, sent, answered), daemon=True)
                for share in range(a.senders)]
    began = time.time()
    samples = [sample(agent, directory, 0, began)]
    show(samples[0])
    for sender in senders: sender.start()

    last, since = 0, time.time()
    while answered[0] < total and time.time() - since < 60:
        time.sleep(0.05)
        if answered[0] != last: last, since = answered[0], time.time()
        if last < total and last >= total * len(samples) // 10:
            samples.append(sample(agent, directory, last, began))
            show(samples[-1])
    spent = time.time() - began
    time.sleep(2)
    samples.append(sample(agent, directory, answered[0], began))
    show(samples[-1])
    status = agent.stop()
    collector.terminate()
    attempted, twice = second_attempts(agent.file)
    print(f'tasks {total} ({a.retries} with a retry) in {spent:.0f} s, {total / spent:.0f}/s: lost {total - sum(replies[:total])}, copies of replies {copies[0]}, '
          f'second attempts {attempted}, run twice {twice}, exit {status}')
    found = list(complaints(samples, limit))
    for complaint in found: print(f'NOT FLAT: {complaint}')
    if not found: print('flat')
    return not found and sum(replies[:total]) == total and attempted == a.retries and not twice and status == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('agent')
    parser.add_argument('--operations', type=int, default=1_000_000)
    parser.add_argument('--retries', type=int, default=100_000)
    parser.add_argument('--journal-mib', type=int, default=64)
    parser.add_argument('--senders', type=int, default=2)
    a = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix='operative-bottle-') as directory:
        broker = measure.Broker(f'{directory}/rabbitmq')
        try:
            ok = run(a, broker, directory)
            if not ok: print(open(f'{directory}/agent.log').read()[-3000:], file=sys.stderr)
        finally:
            broker.stop()
    sys.exit(0 if ok else 1)


if __name__ == '__main__':
    main()
