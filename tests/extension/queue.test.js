import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { Problem, offline, signedOut, storageFull } from '../../extension/lib/problem.js';
import * as queue from '../../extension/lib/queue.js';
import { event, trouble } from './make.js';

/** A port over a plain list, with a clock that stands still and a server that can be told. */
function world(events, answers = () => ({ code: 'c' })) {
  const port = {
    queue: events,
    sent: [],
    nowMs: 1_000_000,
    load: async () => port.queue,
    change: async (change) => (port.queue = change(port.queue)),
    send: async (sent) => {
      port.sent.push(sent.id);
      return answers(sent, port.sent.length);
    },
    now: () => port.nowMs,
  };
  return port;
}

const failWith = (problem) => () => {
  throw problem;
};

describe('adding', () => {
  test('keeps the first event of an id', () => {
    const once = queue.withEvent([], event('a', { title: 'first' }));
    assert.deepEqual(queue.withEvent(once, event('a', { title: 'second' })), once);
  });
});

describe('delivery', () => {
  test('sends in order and keeps the answers', async () => {
    const port = world([event('a'), event('b')]);
    await queue.deliver(port, 'ada');
    assert.deepEqual(port.sent, ['a', 'b']);
    assert.deepEqual(port.queue.map(({ state, answer }) => [state, answer.code]), [
      ['acknowledged', 'c'], ['acknowledged', 'c'],
    ]);
  });

  test('sends nothing that was answered', async () => {
    const port = world([event('a', { state: 'acknowledged' }), event('b', { state: 'refused' })]);
    await queue.deliver(port, 'ada');
    assert.deepEqual(port.sent, []);
  });

  test('repeats the same id when the answer was lost', async () => {
    const port = world([event('a')], (_, count) => {
      if (count === 1) throw offline();
      return { code: 'same' };
    });
    await queue.deliver(port, 'ada');
    assert.equal(port.queue[0].state, 'waiting');
    port.nowMs += 30_000;
    await queue.deliver(port, 'ada');
    assert.deepEqual(port.sent, ['a', 'a']);
    assert.equal(port.queue[0].answer.code, 'same');
  });

  test('goes on with the next event after a refusal', async () => {
    const port = world([event('a'), event('b')], ({ id }) => {
      if (id === 'a') throw new Problem(trouble(422, { detail: 'No.' }));
      return { code: 'c' };
    });
    await queue.deliver(port, 'ada');
    assert.deepEqual(port.queue.map(({ state }) => state), ['refused', 'acknowledged']);
    assert.equal(port.queue[0].trouble.detail, 'No.');
  });

  test('stops without a trace when nobody is signed in', async () => {
    const port = world([event('a'), event('b')], failWith(signedOut()));
    await queue.deliver(port, 'ada');
    assert.deepEqual(port.sent, ['a']);
    assert.deepEqual(port.queue, [event('a'), event('b')]);
  });

  test('leaves what somebody else made until they are here again', async () => {
    const port = world([event('a', { session: 'before' })]);
    await queue.deliver(port, 'ada');
    assert.deepEqual(port.sent, []);
    assert.deepEqual(queue.waitingOf(port.queue, 'ada'), []);
    assert.deepEqual(queue.waitingOf(port.queue, null).map(({ id }) => id), ['a']);
    await queue.deliver(port, 'before');
    assert.deepEqual(port.sent, ['a']);
  });

  test('keeps the order while the first one waits', async () => {
    let isDown = true;
    const port = world([event('a')], () => {
      if (isDown) throw offline();
      return { code: 'c' };
    });
    await queue.deliver(port, 'ada');
    port.queue = queue.withEvent(port.queue, event('b'));
    await queue.deliver(port, 'ada');
    assert.deepEqual(port.sent, ['a']);
    isDown = false;
    port.nowMs += 30_000;
    await queue.deliver(port, 'ada');
    assert.deepEqual(port.sent, ['a', 'a', 'b']);
  });

  test('lets the next one pass when the server cannot digest the first', async () => {
    const port = world([event('a'), event('b')], ({ id }) => {
      if (id === 'a') throw new Problem(trouble(500));
      return { code: 'c' };
    });
    for (let times = 0; times < 8; times += 1) {
      assert.equal(port.queue[1].state, 'waiting');
      await queue.deliver(port, 'ada');
      port.nowMs += 3_600_000;
    }
    assert.deepEqual(port.queue.map(({ state }) => state), ['waiting', 'acknowledged']);
  });

  test('holds back everything that follows for days without a connection', async () => {
    const port = world([event('a'), event('b')], failWith(offline()));
    for (let hours = 0; hours < 96; hours += 1) {
      await queue.deliver(port, 'ada');
      port.nowMs += 3_600_000;
    }
    assert.deepEqual(new Set(port.sent), new Set(['a']));
    assert.equal(port.sent.length, 96);
  });

  test('stops when an answer cannot be noted, and asks again later', async () => {
    const port = world([event('a'), event('b')]);
    const { change } = port;
    port.change = async () => {
      throw storageFull();
    };
    await assert.rejects(queue.deliver(port, 'ada'), { message: 'storage-full' });
    assert.deepEqual(port.sent, ['a']);
    port.change = change;
    await queue.deliver(port, 'ada');
    assert.deepEqual(port.sent, ['a', 'a', 'b']);
  });

  test('does not hide a bug as a refusal', async () => {
    const port = world([event('a')], failWith(new TypeError('bug')));
    await assert.rejects(queue.deliver(port, 'ada'), TypeError);
    assert.equal(port.queue[0].state, 'waiting');
  });

  test('loses nothing that is added while it sends', async () => {
    const port = world([event('a')], ({ id }) => {
      if (id === 'a') port.queue = queue.withEvent(port.queue, event('b'));
      return { code: 'c' };
    });
    await queue.deliver(port, 'ada');
    assert.deepEqual(port.sent, ['a', 'b']);
  });
});

describe('waiting', () => {
  for (const status of [0, 401, 408, 425, 429, 500, 502, 503]) {
    test(`${status} passes`, () => {
      const [after] = queue.notAccepted([event('a')], 'a', trouble(status), 1000);
      assert.deepEqual([after.state, after.attempts, after.due_ms], ['waiting', 1, 31_000]);
    });
  }

  for (const status of [400, 403, 404, 409, 410, 422]) {
    test(`${status} is for good`, () => {
      const [after] = queue.notAccepted([event('a')], 'a', trouble(status), 1000);
      assert.equal(after.state, 'refused');
      assert.equal(queue.nextDue([after], 'ada', Infinity), null);
    });
  }

  test('grows twofold from half a minute to an hour', () => {
    const minutes = [0, 1, 2, 6, 7, 8, 1000].map((attempts) => queue.waitMs(attempts) / 60_000);
    assert.deepEqual(minutes, [0.5, 1, 2, 32, 60, 60, 60]);
  });

  test('ends early when the person looks, but never before the server allows', () => {
    const [after] = queue.notAccepted(
      [event('a')], 'a', trouble(429, { retry_after_seconds: 120 }), 1000,
    );
    const hurried = queue.hurried([after]);
    assert.equal(queue.nextDue(hurried, 'ada', 120_999), null);
    assert.equal(queue.nextDue(hurried, 'ada', 121_000)?.id, 'a');
    assert.equal(queue.nextDueMs(hurried, 'ada', 1000), 121_000);
  });

  test('has no next moment when nothing of this person waits', () => {
    assert.equal(queue.nextDueMs([event('a', { session: 'bela' })], 'ada', 0), null);
  });

  test('ends when the clock was turned back behind it', () => {
    const inTheFuture = 2 * 365 * 86_400_000;
    const [after] = queue.notAccepted(
      [event('a')], 'a', trouble(503, { retry_after_seconds: 60 }), inTheFuture,
    );
    assert.equal(queue.nextDue([after], 'ada', 1000)?.id, 'a');
    assert.equal(queue.nextDueMs([after], 'ada', 1000), 0);
  });

  test('is never longer than a day, whatever the server asks for', () => {
    const [after] = queue.notAccepted(
      [event('a')], 'a', trouble(429, { retry_after_seconds: 999_999 }), 1000,
    );
    assert.equal(after.not_before_ms, 86_401_000);
  });
});

describe('forgetting', () => {
  test('keeps the last twenty settled events and everything that waits', () => {
    const settled = Array.from({ length: 25 }, (_, n) => event(`s${n}`, { state: 'refused' }));
    const after = queue.acknowledged([event('w'), ...settled, event('x')], 'x', null);
    assert.equal(after.length, 21);
    assert.deepEqual([after[0].id, after[1].id, after.at(-1).id], ['w', 's6', 'x']);
  });

  test('a late answer does not revive a settled event', () => {
    const refused = event('a', { state: 'refused' });
    assert.deepEqual(queue.acknowledged([refused], 'a', null), [refused]);
  });

  test('removes what was dismissed', () => {
    assert.deepEqual(queue.without([event('a'), event('b')], ['a']), [event('b')]);
  });
});

describe('a text that changed', () => {
  const claim = (id, changes) =>
    event(id, {
      kind: 'claim',
      body: { visit_token: `visit-${id}`, consent_hash: 'h', language: 'en' },
      ...changes,
    });
  const changed = trouble(403, { slug: 'consent-missing' });

  test('is asked about anew where a claim was refused for it', () => {
    const old = claim('a', { state: 'refused', trouble: changed });
    assert.deepEqual(
      queue.askedAnew([
        old,
        claim('b'),
        claim('c', { state: 'acknowledged' }),
        claim('d', { state: 'refused', trouble: trouble(422, { slug: 'claim-refused' }) }),
        event('e', { state: 'refused', trouble: changed }),
      ]),
      [old],
    );
  });

  test('is refused for good, so that nobody agrees to what they did not read', async () => {
    const port = world([claim('a')], failWith(new Problem(changed)));
    await queue.deliver(port, 'ada');
    port.nowMs += 3_600_000;
    await queue.deliver(port, 'ada');
    assert.deepEqual(port.sent, ['a']);
    assert.deepEqual(queue.askedAnew(port.queue), port.queue);
  });
});
