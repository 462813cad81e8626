import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as the other server saw it. */
export interface Heard {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

type Reply = (response: ServerResponse, heard: Heard) => void;

/** A server on a free port that keeps what it heard and answers what the spec says. */
export class FakeGoTrue {
  heard: Heard[] = [];
  reply: Reply = (response) => json(response, 200, {});
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const url = new URL(request.url ?? '/', 'http://fake');
        const text = Buffer.concat(chunks).toString();
        const heard: Heard = {
          method: request.method ?? '',
          path: url.pathname,
          query: Object.fromEntries(url.searchParams),
          headers: request.headers,
          body: text === '' ? undefined : (JSON.parse(text) as unknown),
        };
        this.heard.push(heard);
        this.reply(response, heard);
      });
    });
  }

  static async start(): Promise<FakeGoTrue> {
    const fake = new FakeGoTrue();
    await new Promise<void>((resolve) => {
      fake.#server.listen(0, '127.0.0.1', resolve);
    });
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get last(): Heard {
    return this.heard.at(-1) as Heard;
  }

  reset(): void {
    this.heard = [];
  }

  stop(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
    });
  }
}

export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

export const person = {
  id: '6f0b3f6e-8f0e-4f6b-9a53-0a4b7c1de001',
  aud: 'authenticated',
  role: 'authenticated',
  email: 'ann@example.com',
  phone: '',
  app_metadata: { provider: 'email', providers: ['email'] },
  user_metadata: {},
  identities: [],
  created_at: '2026-08-20T10:00:00.000001Z',
  updated_at: '2026-08-20T10:00:00.000001Z',
  is_anonymous: false,
};

export const session = {
  access_token: 'header.payload.signature',
  token_type: 'bearer',
  expires_in: 3600,
  expires_at: 1_787_000_000,
  refresh_token: 'refresh-token',
  user: person,
};
