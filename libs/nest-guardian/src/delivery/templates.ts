import type { Clock } from '../core/ports/clock.js';
import { type Mail, MessageRefused } from '../core/ports/mailer.js';
import type { QueuedMessage } from '../core/ports/outbox.js';
import type { RenderedMail } from '../features/mail/mail.options.js';
import { TemplateFault, type Variables } from './go-expression.js';
import { fill, parseHtml, type Template } from './go-template.js';
import type { DeliveryLog } from './log.js';
import { plainTextOf } from './plain-text.js';
import type { MailSource, MailSources } from './template-sources.js';

const fetchTime = 5_000;
const largest = 1_000_000;
/** How long a template that could not be had is not asked for again. */
const retryInterval = 10_000;

export interface TemplatesParts {
  readonly sources: MailSources;
  /** Milliseconds for which what a URL gave is kept. */
  readonly maxAge: number;
  readonly clock: Clock;
  readonly log: DeliveryLog;
}

interface Fetched {
  readonly html: Promise<Template>;
  readonly until: number;
}

/** Makes mails of what waits in the outbox. A template of one's own that fails is replaced by the built-in one. */
export class Templates {
  readonly #fetched = new Map<string, Fetched>();

  constructor(private readonly parts: TemplatesParts) {}

  /** @throws MessageRefused for a mail that nobody knows */
  async mailOf({ kind, recipient, variables }: QueuedMessage): Promise<Mail> {
    const source = this.parts.sources.get(kind);
    if (source === undefined) throw new MessageRefused(`there is no mail ${kind}`);
    try {
      return { ...(await this.#render(source, variables)), to: recipient };
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error('it threw no error');
      // What a function of the application's throws may quote its variables.
      const isTheirs = source.body.kind === 'function' && !(error instanceof TemplateFault);
      const why = isTheirs ? name : message;
      this.parts.log.warn(`The template of mail ${kind} failed, the built-in one is sent: ${why}`);
      return { ...rendered(source.builtIn.subject, source.builtIn.html, variables), to: recipient };
    }
  }

  async #render({ subject, body }: MailSource, variables: Variables): Promise<RenderedMail> {
    if (body.kind === 'function') return requireMail(await body.render(variables));
    const html = body.kind === 'here' ? body.html : await this.#fetch(body.url);
    return rendered(subject, html, variables);
  }

  #fetch(url: string): Promise<Template> {
    const now = this.parts.clock.now().getTime();
    const known = this.#fetched.get(url);
    if (known !== undefined && now < known.until) return known.html;
    const html = fetchText(url).then(parseHtml);
    this.#fetched.set(url, { html, until: now + this.parts.maxAge });
    html.catch(() => this.#fetched.set(url, { html, until: now + retryInterval }));
    return html;
  }
}

const rendered = (subject: Template, html: Template, variables: Variables): RenderedMail => {
  const body = fill(html, variables);
  return { subject: fill(subject, variables).trim(), html: body, text: plainTextOf(body) };
};

function requireMail({ subject, html, text }: Partial<RenderedMail> = {}): RenderedMail {
  const isWhole = typeof subject === 'string' && typeof html === 'string' && typeof text === 'string';
  if (isWhole) return { subject, html, text };
  throw new TemplateFault('it returns no { subject, html, text }', 1);
}

async function fetchText(url: string): Promise<string> {
  const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(fetchTime) });
  // A query may hold a key.
  const [name] = url.split('?');
  if (!response.ok || response.body === null) throw new Error(`${name} answers ${response.status}`);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > largest) throw new Error(`${name} is larger than ${largest} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
