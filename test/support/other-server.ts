import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** Somebody else's server on loopback, which answers as a test says. A path that nobody speaks for is a 404. */
export class OtherServer {
  /** Paths that were asked for. */
  readonly asked: string[] = [];
  readonly answers = new Map<string, Answer>();
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      const path = (request.url ?? '').replace(/\?.*/, '');
      this.asked.push(path);
      const answer = this.answers.get(path);
      if (answer === undefined) response.writeHead(404).end();
      else answer(request, response);
    });
  }

  static async start(): Promise<OtherServer> {
    const other = new OtherServer();
    await new Promise<void>((resolve) => {
      other.#server.listen(0, '127.0.0.1', resolve);
    });
    return other;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  json(path: string, value: unknown, status = 200): void {
    this.answers.set(path, (_, response) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    });
  }

  /** In every way in which a server can be ill. */
  fall(path: string, illness: Illness): void {
    this.answers.set(path, illnesses[illness]);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }
}

const asJson = { 'content-type': 'application/json' };

const illnesses = {
  'hangs up': (request) => void request.socket.destroy(),
  'never answers': () => undefined,
  'answers drop by drop': (_, response) => {
    response.writeHead(200, asJson);
    const drops = setInterval(() => response.write(' '), 20);
    response.on('close', () => clearInterval(drops));
  },
  'answers without end': (_, response) => {
    response.writeHead(200, asJson);
    const piece = Buffer.alloc(256 * 1024, ' ');
    const pour = (): void => {
      while (!response.destroyed && response.write(piece));
    };
    response.on('drain', pour);
    pour();
  },
  'sends elsewhere': (_, response) =>
    response.writeHead(302, { ...asJson, location: '/elsewhere' }).end(JSON.stringify({})),
  'answers 500': (_, response) => response.writeHead(500, asJson).end('{"error":"server_error"}'),
  'answers a page': (_, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html>{"sub":"x"}</html>'),
  'answers JSON as text': (_, response) =>
    response.writeHead(200, { 'content-type': 'text/plain' }).end('{"sub":"x","access_token":"t"}'),
  'answers broken JSON': (_, response) => response.writeHead(200, asJson).end('{"sub":'),
  'answers a member twice': (_, response) => response.writeHead(200, asJson).end('{"sub":"a","sub":"b"}'),
  'answers nothing': (_, response) => response.writeHead(200, asJson).end(),
  'answers null': (_, response) => response.writeHead(200, asJson).end('null'),
} satisfies Record<string, Answer>;

export type Illness = keyof typeof illnesses;
export const allIllnesses = Object.keys(illnesses) as Illness[];
