// Receives webhooks of AspireWebhooks: Standard Webhooks 1.0. Node 18 or later and its own modules, nothing else.
//
//   WEBHOOK_SECRETS=whsec_... PORT=8090 node receiver.mjs
//
// WEBHOOK_SECRETS has the endpoint's secret; while it is rotated both, separated by a comma. TLS is for a proxy in front.

import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';

const maxBody = 1024 * 1024; // bytes

/** Why a request is not a webhook of ours. The text has nothing secret. */
export class WebhookError extends Error {}

/** The key of a secret, whsec_ and base64. Throws when it is none. */
export function parseSecret(text) {
  const key = text.startsWith('whsec_') ? Buffer.from(text.slice('whsec_'.length), 'base64') : Buffer.alloc(0);
  if (key.length < 24) throw new Error('a secret is whsec_ and at least 24 bytes in base64: copy it as it was shown');
  return key;
}

/**
 * The event of a request whose signature is right; else it throws a WebhookError. An event has the webhook-id as `id`, the same whenever it is sent, its
 * `type`, its `sequence`, which rises from each event of a resource to its next (null in the flat style), and its `data`: the resource as it was then, in
 * the flat style the whole payload.
 * @param {Buffer} body the bytes as they came; JSON that was parsed and written again has another signature
 * @param headers as node has them: in lower case
 * @param {Buffer[]} secrets keys by parseSecret; a signature by any of them counts
 * @param {number} now seconds since 1970
 * @param {number} tolerance seconds
 */
export function constructEvent(body, headers, secrets, now = Date.now() / 1000, tolerance = 5 * 60) {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers;
  if (!id || !timestamp || !signatures) throw new WebhookError('webhook-id, webhook-timestamp or webhook-signature is missing');
  if (!/^[0-9]{1,12}$/.test(timestamp)) throw new WebhookError('webhook-timestamp must be whole seconds since 1970');
  if (Math.abs(now - Number(timestamp)) > tolerance) {
    throw new WebhookError(`webhook-timestamp is more than ${tolerance} s from this machine's time`);
  }

  let isValid = false;
  for (const key of secrets) { // All of them, whichever is right: the time that it takes tells nothing.
    const hash = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64');
    const expected = Buffer.from(`v1,${hash}`);
    for (const signature of signatures.split(' ').map((text) => Buffer.from(text))) {
      if (signature.length === expected.length && timingSafeEqual(signature, expected)) isValid = true;
    }
  }
  if (!isValid) throw new WebhookError("no signature is valid: is the secret this endpoint's, and the body as it came?");

  let payload;
  try {
    payload = JSON.parse(body.toString('utf8'));
  } catch {
    throw new WebhookError('the body is not JSON');
  }
  return payload.event_type
    ? { id, type: payload.event_type, sequence: null, data: payload }
    : { id, type: payload.type, sequence: payload.sequence, data: payload.data };
}

/**
 * Takes each event once, and hands it on after it was acknowledged. In memory, for trying it out. Yours is a table with the webhook-id as its key, written
 * before the answer: what was answered with 2xx is not sent again. It keeps ids for as long as events can be replayed: 90 days.
 */
export class Inbox {
  #ids = new Set();
  #newest = new Map();

  /** False when it has come before. INSERT ... ON CONFLICT (id) DO NOTHING. */
  take(event) {
    if (this.#ids.has(event.id)) return false;
    this.#ids.add(event.id);
    setImmediate(() => this.#work(event));
    return true;
  }

  #work(event) {
    try {
      if (this.#isNewest(event)) handle(event);
      else console.log(`dropped ${event.id} ${event.type}: a newer event of its resource was here first`);
    } catch (error) { // In your table it is still there: try it again.
      console.log(`failed ${event.id} ${event.type}: ${error}`);
    }
  }

  #isNewest({ type, sequence, data }) {
    const resourceId = data.transaction_id ?? data.id;
    if (sequence === null || resourceId === undefined) return true;
    const resource = `${type.split('.')[0]}:${resourceId}`;
    if (sequence < (this.#newest.get(resource) ?? 0)) return false;
    this.#newest.set(resource, sequence);
    return true;
  }
}

/** Your work. It may take its time: the sender has its answer. */
function handle(event) {
  console.log(`handled ${event.id} ${event.type}`);
}

/** Null when it is too long. */
async function readBody(request) {
  const chunks = [];
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    length += chunk.length;
    if (length > maxBody) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function answer(response, status, text = '', closes = false) {
  if (closes) response.setHeader('Connection', 'close'); // Its body was not read.
  if (status !== 204) response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.writeHead(status).end(text);
}

async function receive(request, response, secrets, inbox) {
  if (request.method !== 'POST' || request.url !== '/webhooks') return answer(response, 404, 'POST /webhooks', true);
  const body = await readBody(request);
  if (body === null) return answer(response, 413, `at most ${maxBody} bytes`, true);
  try {
    const event = constructEvent(body, request.headers, secrets);
    if (!inbox.take(event)) console.log(`duplicate ${event.id} ${event.type}`);
  } catch (error) {
    if (!(error instanceof WebhookError)) throw error;
    console.log(`refused: ${error.message}`);
    return answer(response, 400, error.message);
  }
  return answer(response, 204);
}

function main() {
  let secrets;
  try {
    secrets = (process.env.WEBHOOK_SECRETS ?? '').split(',').map((text) => parseSecret(text.trim()));
  } catch (error) {
    console.error(`WEBHOOK_SECRETS: ${error.message}.`);
    process.exit(1);
  }
  const inbox = new Inbox();
  const server = createServer((request, response) => {
    // A caller that hangs up while its body is read.
    receive(request, response, secrets, inbox).catch(() => response.destroy());
  });
  server.listen(Number(process.env.PORT ?? 8090), '127.0.0.1', () => {
    console.log(`listening on http://127.0.0.1:${server.address().port}/webhooks`);
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main();
