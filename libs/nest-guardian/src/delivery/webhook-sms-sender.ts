import { createHash, createHmac } from 'node:crypto';
import type { Clock } from '../core/ports/clock.js';
import { MessageRefused } from '../core/ports/mailer.js';
import { SmsSender, type TextMessage } from '../core/ports/sms-sender.js';

const deadline = 5_000;

export interface SmsWebhook {
  readonly url: string;
  /** `whsec_` and base64; empty for none. */
  readonly secret: string;
}

/** Posts texts to a service that sends them, signed as https://www.standardwebhooks.com says. */
export class WebhookSmsSender extends SmsSender {
  constructor(
    private readonly webhook: SmsWebhook,
    private readonly clock: Clock,
  ) {
    super();
  }

  override async send({ to, text, channel }: TextMessage): Promise<void> {
    const body = JSON.stringify({ to: `+${to}`, text, channel });
    const { status } = await fetch(this.webhook.url, {
      method: 'POST',
      redirect: 'manual',
      signal: AbortSignal.timeout(deadline),
      headers: { 'content-type': 'application/json', ...this.#signature(body) },
      body,
    }).then(discardBody);
    if (status >= 200 && status < 300) return;
    const isFinal = status >= 400 && status < 500 && status !== 408 && status !== 429;
    const words = `the SMS webhook answers ${status}`;
    throw isFinal ? new MessageRefused(words) : new Error(words);
  }

  #signature(body: string): Readonly<Record<string, string>> {
    const { secret } = this.webhook;
    if (secret === '') return {};
    // The same for every try, so that the other side can tell a repetition.
    const id = `msg_${createHash('sha256').update(body).digest('base64url')}`;
    const timestamp = String(Math.floor(this.clock.now().getTime() / 1000));
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
    const mac = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
    return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${mac}` };
  }
}

/** An answer that is not read to its end keeps its connection. */
async function discardBody(response: Response): Promise<Response> {
  await response.body?.cancel();
  return response;
}
