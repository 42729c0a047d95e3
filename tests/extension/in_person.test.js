/** Codes for sharing in person: made on the device, with or without a connection. */

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';

import * as deviceKey from '../../extension/lib/device_key.js';
import * as inPerson from '../../extension/lib/in_person.js';
import { local, session } from '../../extension/lib/storage.js';
import { newBrowser } from './fake_browser.js';
import { newIndexedDb } from './fake_indexed_db.js';

const LINK = '4vKqTn8ZpL';
const reach = globalThis.fetch;
let server;
let browser;

async function signInAs(name) {
  await local.write({ server: 'https://site.example', refresh: { token: 'r', session: name } });
  const expires_ms = Date.now() + 900_000;
  await session.write({ access: { token: `of-${name}`, expires_ms, session: name } });
}

beforeEach(async () => {
  browser = newBrowser();
  newIndexedDb();
  server = { seen: [], isDown: false, refuses: null, waiting: [] };
  globalThis.fetch = async (address, { method, body, headers }) => {
    if (server.isDown) throw new TypeError('Failed to fetch');
    const path = new URL(String(address)).pathname.replace('/api/extension/v1', '');
    server.seen.push({ method, path, body: body && JSON.parse(body), who: headers.Authorization });
    if (server.refuses) return Response.json({ type: '/problems/conflict' }, { status: server.refuses });
    if (path === '/device-keys') return Response.json({ address: 'https://site.example/p/' });
    if (path === '/meetings' && method === 'POST') return Response.json({ spoken: '7KQF-9M2X' });
    if (path.endsWith('/decision')) return Response.json({ id: 'm', outcome: 'confirmed' });
    return Response.json({ meetings: server.waiting });
  };
  await signInAs('ada');
});
afterEach(() => {
  globalThis.fetch = reach;
});

const tokenOf = ({ address }) => address.replace('https://site.example/p/', '');

describe('a device', () => {
  test('is registered at sign-in, by the public half of its key', async () => {
    await inPerson.register();
    await inPerson.make(LINK);
    await inPerson.register();
    const told = server.seen.map(({ path, body }) => [path, Object.keys(body).sort()]);
    assert.deepEqual(told, Array(2).fill(['/device-keys', ['x', 'y']]));
    assert.deepEqual(server.seen[0].body, server.seen[1].body);
  });

  test('that was ended on the site gets a new key at the next sign-in', async () => {
    await inPerson.register();
    const before = await deviceKey.keyOf('ada');
    const refusesOne = (key) => key.x === before.x;
    const serves = globalThis.fetch;
    globalThis.fetch = async (address, options) => {
      const isEnded = options.body && refusesOne(JSON.parse(options.body));
      return isEnded ? Response.json({ type: '/problems/conflict' }, { status: 409 }) : serves(address, options);
    };
    await inPerson.register();
    const after = await deviceKey.keyOf('ada');
    assert.notEqual(after.kid, before.kid);
    assert.equal(after.address, 'https://site.example/p/');
  });

  test('keeps its key from everybody', async () => {
    const { pair } = await deviceKey.keyOf('ada');
    assert.equal(pair.privateKey.extractable, false);
    await assert.rejects(crypto.subtle.exportKey('jwk', pair.privateKey));
    await assert.rejects(crypto.subtle.exportKey('pkcs8', pair.privateKey));
  });

  test('has a key for each person', async () => {
    const adas = await deviceKey.keyOf('ada');
    assert.equal((await deviceKey.keyOf('ada')).kid, adas.kid);
    assert.notEqual((await deviceKey.keyOf('bela')).kid, adas.kid);
  });

  test('makes one key for many who ask at a time', async () => {
    const made = await Promise.all([1, 2, 3, 4].map(() => deviceKey.keyOf('ada')));
    assert.equal(new Set(made.map(({ kid }) => kid)).size, 1);
  });

  test('gets a new key when the old one was ended on the site', async () => {
    const before = await deviceKey.keyOf('ada');
    server.refuses = 409;
    await assert.rejects(inPerson.make(LINK));
    server.refuses = null;
    await inPerson.make(LINK);
    assert.notEqual((await deviceKey.keyOf('ada')).kid, before.kid);
  });

  test('that could not be registered at sign-in is so later', async () => {
    server.isDown = true;
    await inPerson.register();
    await assert.rejects(inPerson.make(LINK), { message: 'offline' });
    server.isDown = false;
    await inPerson.make(LINK);
  });
});

describe('a code', () => {
  test('is made without a connection, and then only shown', async () => {
    await inPerson.register();
    server.isDown = true;
    const made = await inPerson.make(LINK);
    await assert.rejects(inPerson.announce(made.token), { message: 'offline' });
    assert.match(made.token, /^[\w-]{140}$/);
    assert.equal(tokenOf(made), made.token);
    const bytes = Buffer.from(made.token, 'base64url');
    assert.equal(bytes.subarray(27, 35).toString('base64url'), made.nonce);
    assert.ok(made.picture.size > 50 && made.picture.path.startsWith('M4 4h1v1h-1z'));
    assert.ok(Math.abs(made.expires_ms - Date.now() - 900_000) < 2000);
  });

  test('can be said once the server has heard of it', async () => {
    const made = await inPerson.make(LINK);
    assert.equal((await inPerson.announce(made.token)).spoken, '7KQF-9M2X');
    assert.deepEqual(server.seen.at(-1).body, { token: made.token });
  });

  test('asks nobody once the device is known', async () => {
    await inPerson.register();
    server.seen = [];
    await inPerson.make(LINK);
    assert.deepEqual(server.seen, []);
  });

  test('is another one each time', async () => {
    const made = await Promise.all([inPerson.make(LINK), inPerson.make(LINK)]);
    assert.notEqual(tokenOf(made[0]), tokenOf(made[1]));
  });

  test('needs somebody signed in', async () => {
    await local.forget(['refresh']);
    await assert.rejects(inPerson.make(LINK), { message: 'signed-out' });
  });
});

describe('who took a code', () => {
  const [first, second] = ['m/1', 'm2'].map((id) => ({ id, nonce: id, taken_at: 'now' }));
  const kept = async () => (await local.read('meetings')).meetings.map(({ id }) => id);

  test('is answered with the id, and not asked about again', async () => {
    server.waiting = [first, second];
    assert.deepEqual((await inPerson.waiting()).meetings, [first, second]);
    assert.equal(browser.badge, '2');
    await inPerson.decide('m/1', true);
    assert.deepEqual([await kept(), browser.badge], [['m2'], '1']);
    await inPerson.decide('m2', false);
    assert.deepEqual([await kept(), browser.badge], [[], '']);
    const told = server.seen.slice(1).map(({ path, body }) => [path, body.decision]);
    assert.deepEqual(told, [['/meetings/m%2F1/decision', 'confirm'], ['/meetings/m2/decision', 'decline']]);
  });

  test('stays a question while the word does not arrive', async () => {
    server.waiting = [first];
    await inPerson.waiting();
    server.isDown = true;
    await assert.rejects(inPerson.decide('m/1', true), { message: 'offline' });
    await assert.rejects(inPerson.waiting(), { message: 'offline' });
    assert.deepEqual([await kept(), browser.badge], [['m/1'], '1']);
  });

  test('can be somebody for as long as the server lets them', async () => {
    await inPerson.make(LINK);
    const { until_ms, session: whose } = await local.read('meetings');
    assert.equal(whose, 'ada');
    assert.ok(Math.abs(until_ms - Date.now() - (7 * 86_400 + 900) * 1000) < 2000);
    server.waiting = [first];
    await inPerson.waiting();
    assert.equal((await local.read('meetings')).until_ms, until_ms);
  });

  test('is nobody of whoever signs in next', async () => {
    server.waiting = [first];
    await inPerson.waiting();
    await signInAs('bela');
    server.waiting = [];
    await inPerson.waiting();
    assert.deepEqual(await kept(), []);
    assert.equal(browser.badge, '');
  });

  test('is not kept for who has signed out while it was asked', async () => {
    server.waiting = [first];
    const serves = globalThis.fetch;
    globalThis.fetch = async (...asked) => {
      await local.forget(['refresh']);
      return serves(...asked);
    };
    await inPerson.waiting();
    assert.equal(await local.read('meetings'), undefined);
    assert.equal(browser.badge, '');
  });
});
