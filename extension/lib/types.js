/**
 * The shapes that cross a border: what the server answers, and what is stored here.
 *
 * The `...Out` shapes mirror the server's classes of the same names, member by member; a test
 * compares them.  Amounts are whole minor units, times are ISO 8601 texts, `..._ms` are
 * milliseconds since 1970.
 */

/**
 * The text of one consent, and the hash that names exactly this text.
 *
 * @typedef {object} ConsentOut
 * @property {string} purpose
 * @property {string} version
 * @property {string} language
 * @property {string} hash
 * @property {string} text
 */

/**
 * One way to share; the server knows what each network takes.
 *
 * @typedef {object} ChannelOut
 * @property {string} key
 * @property {string} title
 * @property {string} dialog  With places for `{text}`, `{link}` and `{host}`; empty without one.
 * @property {number} text_limit  In characters; 0 is no limit.
 * @property {number} link_length  What a link counts; 0 is as many as it has.
 * @property {boolean} counts_wide  Wide characters count twice.
 */

/**
 * @typedef {object} OfferOut
 * @property {string} id
 * @property {string} brand
 * @property {string} title
 * @property {string} page_url
 * @property {string[]} hosts  Verified domains of the brand, with a port where it is not the usual.
 * @property {string} currency
 * @property {string} promise
 * @property {number[]} rates_basis_points
 * @property {number[]} thresholds_minor
 * @property {string} share_text
 * @property {string} disclosure
 * @property {number} return_days
 * @property {boolean} budget_spent  Nothing more can be earned in it.
 * @property {string[]} channels
 */

/**
 * All published offers in one document, which is matched with the page on this device.
 *
 * @typedef {object} OffersOut
 * @property {string} version
 * @property {ConsentOut} consent
 * @property {ConsentOut} referral_consent
 * @property {ChannelOut[]} channels
 * @property {OfferOut[]} offers
 */

/**
 * @typedef {object} ShareOut
 * @property {number} share_id
 * @property {string} offer_id
 * @property {string} channel
 * @property {string} code
 * @property {string} link
 * @property {string} disclosure
 * @property {string} text  Begins with the disclosure and ends with the link.
 * @property {string} created_at
 */

/**
 * @typedef {object} ClaimOut
 * @property {string} offer_id
 * @property {string} offer_title
 * @property {string} brought_by  Empty when the friend shows no name.
 * @property {string} claimed_at
 */

/**
 * One order that has not vested.
 *
 * @typedef {object} PendingOut
 * @property {number} credited_minor  What it counts, which is not what it earns.
 * @property {string} vests_at
 * @property {string} cause  A sentence.
 */

/**
 * @typedef {object} WhyOut
 * @property {string} sentence
 * @property {string} worked
 */

/**
 * @typedef {object} CodeOut
 * @property {string} code
 * @property {number} value_minor
 * @property {number | null} rate_basis_points
 * @property {string} state
 * @property {string} expires_at
 */

/**
 * A piece of exclusive content: unlocked, or the next that will be.
 *
 * @typedef {object} ContentOut
 * @property {string} content_id
 * @property {string} title
 * @property {string} kind
 * @property {string} url
 * @property {boolean} is_unlocked
 * @property {number} needed_visits
 * @property {number} reached_visits
 */

/**
 * What one offer has earned its customer.
 *
 * @typedef {object} PlaceOut
 * @property {string} offer_id
 * @property {string} brand
 * @property {string} offer_title
 * @property {string} page_url
 * @property {boolean} has_ended
 * @property {string} currency
 * @property {number} credit_minor  What counts in the schedule of rates.
 * @property {number} pending_minor
 * @property {number} payable_minor
 * @property {PendingOut[]} pending
 * @property {WhyOut} why
 * @property {CodeOut[]} codes
 * @property {ContentOut[]} content
 */

/**
 * @typedef {object} ShareLineOut
 * @property {string} code
 * @property {string} link
 * @property {string} offer_id
 * @property {string} offer_title
 * @property {string} channel
 * @property {string} created_at
 * @property {number} visits
 * @property {number} orders
 * @property {boolean} withdrawn
 */

/**
 * @typedef {object} WalletOut
 * @property {PlaceOut[]} places
 * @property {ShareLineOut[]} shares
 */

/**
 * The server's knowledge of this device's key; codes are written behind `address`.
 *
 * @typedef {object} DeviceKeyOut
 * @property {string} kid
 * @property {string} address
 * @property {string} created_at
 */

/**
 * How a code is said, once the server has heard of it.
 *
 * @typedef {object} SpokenOut
 * @property {string} spoken
 * @property {string} expires_at
 */

/**
 * Somebody who took a code and waits for the person's word.
 *
 * @typedef {object} MeetingOut
 * @property {string} id
 * @property {string} nonce  Which code it was.
 * @property {string} offer_title
 * @property {string} brand
 * @property {string} taken_at
 * @property {string} decide_until
 */

/**
 * @typedef {object} MeetingsOut
 * @property {MeetingOut[]} meetings
 */

/**
 * @typedef {object} DecisionOut
 * @property {string} id
 * @property {string} outcome
 */

/**
 * A code for one friend, to be shown; once the server has heard of it, to be said as well.
 *
 * @typedef {object} InPersonCode
 * @property {string} address
 * @property {string} token  What the device signed: the end of the address.
 * @property {string} nonce
 * @property {{ size: number, path: string }} picture  The QR code, as the path of an SVG.
 * @property {number} expires_ms
 */

/**
 * Why something did not happen, in a form that can be stored and sent between parts.
 *
 * @typedef {object} Trouble
 * @property {number} status  HTTP status; 0 when no answer came.
 * @property {string} slug  The last part of the problem's `type`, or one of our own.
 * @property {string} key  The stable key of a refusal, or empty.
 * @property {string} detail  The server's sentence, or empty.
 * @property {number} retry_after_seconds  What the server asked for, or 0.
 */

/**
 * What is asked of the server for each kind of event; `event_id` is added when it is sent.
 *
 * @typedef {object} ShareAsk
 * @property {string} offer_id
 * @property {string} channel
 * @property {string} shown_as
 * @property {string} consent_hash
 * @property {string} language
 *
 * @typedef {object} ClaimAsk
 * @property {string} visit_token
 * @property {string} consent_hash
 * @property {string} language
 *
 * @typedef {object} WithdrawalAsk
 * @property {string} code
 */

/**
 * @typedef {object} EventBase
 * @property {string} id  A UUID made on this device; the server counts an event once by it.
 * @property {string} session  The sign-in that it was made under.
 * @property {string} title  What to call it in the popup.
 * @property {string} made_at
 * @property {number} attempts
 * @property {number} due_ms  Not tried again before, unless the person looks.
 * @property {number} not_before_ms  Never tried before: the server asked for it.
 * @property {'waiting' | 'acknowledged' | 'refused'} state
 * @property {Trouble | null} trouble
 *
 * @typedef {EventBase & { kind: 'share', body: ShareAsk, answer: ShareOut | null }} ShareEvent
 * @typedef {EventBase & { kind: 'claim', body: ClaimAsk, answer: ClaimOut | null }} ClaimEvent
 * @typedef {EventBase & { kind: 'withdrawal', body: WithdrawalAsk, answer: null }} WithdrawalEvent
 * @typedef {ShareEvent | ClaimEvent | WithdrawalEvent} QueuedEvent
 */

/**
 * What the popup needs to know before it shows anything.
 *
 * @typedef {object} Standing
 * @property {string} server  Origin of the server.
 * @property {string | null} session  The sign-in of now; null when signed out.
 */

/**
 * What came of asking for the offers.
 *
 * @typedef {object} AskedOffers
 * @property {OffersOut | null} unkept  The document, when there was no room to keep it.
 * @property {Trouble | null} trouble  Why those that are kept may be old.
 */

/**
 * The offers as far as they are known, and what went wrong when they are not fresh.
 *
 * @typedef {object} KnownOffers
 * @property {OffersOut | null} document
 * @property {Trouble | null} trouble
 */

export {};
