/** Exactly once, whenever the worker is stopped: at every step, before it and after it. */

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import * as auth from '../../extension/lib/auth.js';
import * as delivery from '../../extension/lib/delivery.js';
import { honestServer } from './honest_server.js';
import { live } from './kills.js';
import { event } from './make.js';

const { body } = event('any');
const claim = { visit_token: 'visit-token', consent_hash: 'h', language: 'en' };

const SHARE = { id: 'e1', kind: 'share', title: 'Boots', body };
const CLAIM = { id: 'e2', kind: 'claim', title: 'Boots', body: claim };
const LATER = { id: 'e3', kind: 'share', title: 'Hats', body };
const BACK = { id: 'e4', kind: 'withdrawal', title: 'Boots', body: { code: 'c0de' } };

const ALL = [
  'ada /shares e1', 'ada /referral-claims e2', 'ada /shares e3', 'ada /shares/c0de/withdrawal',
];
const make = (asked) => Object.assign(() => delivery.enqueue(asked), { isEvent: true });

const STORIES = {
  'with a connection': () => [make(SHARE), make(CLAIM), make(LATER), make(BACK)],
  'without one at first': (server) => [
    async () => void (server.isDown = true),
    make(SHARE),
    make(CLAIM),
    make(LATER),
    async () => void (server.isDown = false),
    () => delivery.deliverNow(),
    make(BACK),
  ],
  'with a sign-out between': (server) => [
    async () => void (server.isDown = true),
    make(SHARE),
    make(CLAIM),
    async () => void (server.isDown = false),
    () => auth.signOut().then(delivery.deliver),
    () => signInAs(server, 'bela').then(delivery.deliver),
    () => auth.signOut().then(delivery.deliver),
    () => signInAs(server, 'ada').then(delivery.deliver),
    make(LATER),
    make(BACK),
  ],
};

async function signInAs(server, person) {
  server.whoSignsIn = person;
  await auth.signIn();
}

function world() {
  const server = honestServer();
  server.signIn = () => signInAs(server, 'ada');
  return server;
}

let killed = 0;
after(() => console.log(`# ${killed} workers were stopped, each at another step`));

for (const [name, story] of Object.entries(STORIES)) {
  describe(name, () => {
    test('everything happens once, in its order', async () => {
      const server = world();
      const { queue, badge } = await live(server, story, null);
      assert.deepEqual(server.effects, ALL);
      assert.deepEqual(queue.map(({ state }) => state).filter((s) => s !== 'acknowledged'), []);
      assert.equal(badge, '');
    });

    for (const popup of ['stays', 'closes']) {
      for (const mode of ['before', 'after']) {
        test(`a worker stopped ${mode} any step while the popup ${popup}`, async () => {
          const { steps } = await live(world(), story, null);
          for (let at = 1; at <= steps.length; at += 1) {
            const server = world();
            const outcome = await live(server, story, { at, mode, popup });
            const where = `${mode} step ${at}, ${steps[at - 1]}`;
            assert.ok(outcome.isKilled, where);
            killed += 1;
            check(server, outcome, popup, where);
          }
        });
      }
    }
  });
}

function check({ effects }, { queue, badge }, popup, where) {
  assert.deepEqual(queue.filter(({ state }) => state !== 'acknowledged'), [], where);
  assert.equal(badge, '', where);
  if (popup === 'stays') return assert.deepEqual(effects, ALL, where);
  // What was asked when the worker was stopped may not have been stored: then it never was.
  const missing = ALL.filter((line) => !effects.includes(line));
  assert.ok(missing.length <= 1, where);
  assert.deepEqual(effects, ALL.filter((line) => !missing.includes(line)), where);
}

test('two browsers of one person send what each of them made, once', async () => {
  const server = world();
  const told = (asked) => live(server, () => [make(asked)], null);
  await told(SHARE);
  await told(LATER);
  await told(SHARE); // a profile that was copied to another machine, with what waited there
  assert.deepEqual(server.effects, ['ada /shares e1', 'ada /shares e3']);
});
