import { Logger, type LoggerService } from '@nestjs/common';
import { inspect } from 'node:util';

/** Something that must be read nowhere, and what it is. */
interface Canary {
  readonly what: string;
  readonly text: string;
}

/** Short ones are looked for as words: a time or an id may hold the same figures. */
const holds = (place: string, { text }: Canary): boolean =>
  text.length > 12 ? place.includes(text) : new RegExp(`(?<![\\w.:-])${text}(?![\\w.:-])`).test(place);

/** Secrets that went in or came out, and every place in which they must not be found. */
export class Canaries {
  readonly #secrets: Canary[] = [];
  readonly #places = new Map<string, string[]>();
  #made = 0;

  /** A new secret that whoever reads it recognises. */
  make(what: string): string {
    this.#made += 1;
    return this.keep(what, `Canary-${what.replace(/\W/g, '-')}-${this.#made}-9f7b3c`);
  }

  /** One that the server has made. */
  keep<T extends string>(what: string, text: T): T {
    if (text.length < 6) throw new Error(`${what} is no secret: ${JSON.stringify(text)}`);
    this.#secrets.push({ what, text });
    // What travels in an address is spelt otherwise there.
    if (encodeURIComponent(text) !== text) this.#secrets.push({ what, text: encodeURIComponent(text) });
    return text;
  }

  /** Notes what could be read at this place. */
  see(place: string, shown: unknown): void {
    const text =
      typeof shown === 'string' ? shown : inspect(shown, { depth: 12, showHidden: true, breakLength: 200 });
    this.#places.set(place, [...(this.#places.get(place) ?? []), text]);
  }

  /** How often something was seen at each place. */
  get seen(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#places].map(([place, texts]) => [place, texts.length]));
  }

  get kinds(): readonly string[] {
    return [...new Set(this.#secrets.map(({ what }) => what))];
  }

  /** Every secret that was found, where, and beside what. */
  found(): string[] {
    return [...this.#places].flatMap(([place, texts]) =>
      texts.flatMap((text) =>
        this.#secrets
          .filter((secret) => holds(text, secret))
          .map(({ what, text: secret }) => `${what} in ${place}: ${excerpt(text, secret)}`),
      ),
    );
  }

  /** Everything that Nest logs, at every level, with the objects that are logged. */
  listenToLogs(): void {
    const hear =
      (level: string) =>
      (...told: unknown[]): void =>
        told.forEach((one) => this.see(`logs (${level})`, one));
    const levels = ['log', 'error', 'warn', 'debug', 'verbose', 'fatal'] as const;
    Logger.overrideLogger(
      Object.fromEntries(levels.map((level) => [level, hear(level)])) as unknown as LoggerService,
    );
  }
}

const excerpt = (text: string, secret: string): string => {
  const at = Math.max(0, text.indexOf(secret));
  return text.slice(Math.max(0, at - 80), at + 80);
};
