/** Things for tests, each as plain as a test needs it. */

/** @returns {any} */
export function offer(changes = {}) {
  return {
    id: 'boots',
    brand: "Berta's Boots",
    title: 'Boots',
    page_url: 'https://berta.example/boots',
    hosts: ['berta.example'],
    currency: 'EUR',
    promise: '4 % to 10 %',
    rates_basis_points: [400],
    thresholds_minor: [0],
    share_text: 'Look',
    disclosure: 'Ad: I get a reward if you buy.',
    return_days: 14,
    budget_spent: false,
    channels: ['copy'],
    ...changes,
  };
}

/** @returns {any} */
export function offers(...list) {
  const consent = { purpose: 'share', version: '1', language: 'en', hash: 'h', text: 'I share.' };
  return { version: '1', consent, referral_consent: consent, channels: [], offers: list };
}

/** @returns {any} */
export function wallet(changes = {}) {
  const place = { offer_id: 'boots', page_url: 'https://berta.example/boots', has_ended: false };
  return { places: [{ ...place, ...changes }], shares: [] };
}

/** @returns {any} */
export function event(id, changes = {}) {
  return {
    id,
    kind: 'share',
    body: { offer_id: 'boots', channel: 'copy', shown_as: '', consent_hash: 'h', language: 'en' },
    title: 'Boots',
    session: 'ada',
    made_at: '2026-11-22T10:00:00.000Z',
    attempts: 0,
    due_ms: 0,
    not_before_ms: 0,
    state: 'waiting',
    answer: null,
    trouble: null,
    ...changes,
  };
}

/** @returns {any} */
export function trouble(status, changes = {}) {
  return { status, slug: 'http', key: '', detail: '', retry_after_seconds: 0, ...changes };
}
