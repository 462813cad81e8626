import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Stands between an application and its database, and fails in its place: the server itself is not touched. */
export class DatabaseProxy {
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  readonly #server: Server;
  #isSilent = false;
  #committed: (() => void) | null = null;
  #port = 0;

  private constructor(private readonly target: URL) {
    this.#server = createServer((near) => this.#join(near));
  }

  static async before(url: string): Promise<DatabaseProxy> {
    const proxy = new DatabaseProxy(new URL(url));
    await proxy.comeBack();
    proxy.#port = (proxy.#server.address() as AddressInfo).port;
    return proxy;
  }

  /** The database's URL by way of here, with these settings of the connection. */
  url(settings: Readonly<Record<string, string>> = {}): string {
    const url = new URL(this.target);
    url.host = `127.0.0.1:${this.#port}`;
    for (const [name, value] of Object.entries(settings)) url.searchParams.set(name, value);
    return url.href;
  }

  /** As when the server is stopped: connections break, and no new one is taken. */
  async goAway(): Promise<void> {
    this.#server.close();
    this.cut();
    if (this.#server.listening) await once(this.#server, 'close');
  }

  async comeBack(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  /** Breaks the connections there are; new ones are taken at once. */
  cut(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
  }

  /** As when a firewall forgets: nothing breaks, and nothing arrives. */
  fallSilent(): void {
    this.#isSilent = true;
    for (const pair of this.#pairs) for (const socket of pair) socket.pause();
  }

  speakAgain(): void {
    this.#isSilent = false;
    for (const pair of this.#pairs) for (const socket of pair) socket.resume();
  }

  /** The next COMMIT still reaches the database, and its answer nobody. Returns when it is on its way. */
  keepAnswerToCommit(): Promise<void> {
    return new Promise((resolve) => {
      this.#committed = resolve;
    });
  }

  #pass(chunk: Buffer, to: Socket): void {
    if (this.#committed !== null && chunk.includes('COMMIT')) {
      to.pause();
      this.#committed();
      this.#committed = null;
    }
    to.write(chunk);
  }

  #join(near: Socket): void {
    const far = connect(Number(this.target.port || 5432), this.target.hostname);
    const pair = [near, far] as const;
    this.#pairs.add(pair);
    const end = (): void => {
      this.#pairs.delete(pair);
      near.destroy();
      far.destroy();
    };
    for (const [from, to] of [pair, [far, near] as const]) {
      from.on('data', (chunk) => this.#pass(chunk, to));
      from.on('error', end);
      from.on('close', end);
      if (this.#isSilent) from.pause();
    }
  }
}
