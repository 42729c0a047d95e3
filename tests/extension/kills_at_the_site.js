/**
 * The worker stopped at every step, against the real site: `node kills_at_the_site.js PEOPLE.json`.
 *
 * PEOPLE.json holds the site's address and people with refresh tokens, each for one run.  Prints
 * which events each of them made, and how many workers were stopped.
 */

import { readFileSync } from 'node:fs';

import * as delivery from '../../extension/lib/delivery.js';
import { local } from '../../extension/lib/storage.js';
import { live } from './kills.js';

const { site, offer, share_consent, referral_consent, people } = JSON.parse(
  readFileSync(process.argv[2], 'utf8'),
);
const reach = globalThis.fetch;
const runs = [];

/** The site, where a person signs in with the next of the tokens that they were given. */
function worldOf(person) {
  let used = 0;
  return {
    fetch: reach,
    signIn: async () => {
      const refresh = { token: person.tokens[used], session: `${site} ${person.name}` };
      used += 1;
      await local.write({ server: site, refresh });
    },
  };
}

function storyOf(person) {
  const [claim, first, second] = [crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID()];
  runs.push({ name: person.name, claim, shares: [first, second] });
  const body = {
    offer_id: offer, channel: 'copy', shown_as: '', consent_hash: share_consent, language: 'en',
  };
  const claimed = { visit_token: person.visit, consent_hash: referral_consent, language: 'en' };
  return [
    { id: claim, kind: 'claim', body: claimed },
    { id: first, kind: 'share', body },
    { id: second, kind: 'share', body: { ...body, channel: 'qr' } },
    { id: crypto.randomUUID(), kind: 'withdrawal', body: { code: person.code } },
  ].map((asked) => () => delivery.enqueue(/** @type {any} */ ({ ...asked, title: 'Boots' })));
}

async function run(kill) {
  const person = people[runs.length];
  const { steps, isKilled, queue, badge } = await live(worldOf(person), () => storyOf(person), kill);
  if (kill && !isKilled) throw new Error(`No worker was stopped at ${JSON.stringify(kill)}`);
  const left = queue.filter(({ state }) => state !== 'acknowledged');
  if (left.length || badge) throw new Error(JSON.stringify({ kill, name: steps[kill?.at], left }));
  return steps;
}

const steps = await run(null);
const server = steps.flatMap((name, place) => (name === 'fetch' ? [place + 1] : []));
for (let at = 1; at <= steps.length; at += 1) {
  await run({ at, mode: 'after', popup: 'stays' });
}
for (const at of server) await run({ at, mode: 'before', popup: 'stays' });
console.log(JSON.stringify({ runs, steps: steps.length, stopped: runs.length - 1 }));
