import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { Problem, offline, signedOut } from '../../extension/lib/problem.js';
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

  test('leaves what an earlier sign-in made', async () => {
    const port = world([event('a', { session: 'before' })]);
    await queue.deliver(port, 'ada');
    assert.deepEqual(port.sent, []);
    assert.deepEqual(queue.orphans(port.queue, 'ada').map(({ id }) => id), ['a']);
    port.queue = queue.adopted(port.queue, 'ada');
    await queue.deliver(port, 'ada');
    assert.deepEqual(port.sent, ['a']);
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
      assert.deepEqual(queue.due([after], 'ada', Infinity), []);
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
    assert.deepEqual(queue.due(hurried, 'ada', 120_999), []);
    assert.equal(queue.due(hurried, 'ada', 121_000).length, 1);
    assert.equal(queue.nextDueMs(hurried, 'ada'), 121_000);
  });

  test('has no next moment when nothing of this sign-in waits', () => {
    assert.equal(queue.nextDueMs([event('a', { session: 'before' })], 'ada'), null);
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
