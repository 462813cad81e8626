import { Duplex } from 'node:stream';
import type { PGlite } from '@electric-sql/pglite';

interface Chunk {
  readonly chunk: Buffer;
}

/**
 * What `pg` takes for a socket to a server. Messages that `pg` writes together reach PGlite together, so that
 * after an error the rest of them is skipped as the protocol says. (PGlite's own bridge hands them over one by
 * one; after an error in a parameter the next query then reads the answers of the last.)
 */
export class PgliteStream extends Duplex {
  constructor(private readonly database: PGlite) {
    super();
  }

  /** Forgets what an earlier connection left in the one session that PGlite has. */
  connect(): this {
    const clean = async (): Promise<void> => {
      if (this.database.isInTransaction()) await this.database.exec('ROLLBACK');
      await this.database.exec('DISCARD ALL');
    };
    clean().then(
      () => this.emit('connect'),
      (error: Error) => this.destroy(error),
    );
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    this.#ask(chunk).then(() => done(), done);
  }

  override _writev(chunks: Chunk[], done: (error?: Error) => void): void {
    this.#ask(Buffer.concat(chunks.map(({ chunk }) => chunk))).then(() => done(), done);
  }

  async #ask(message: Buffer): Promise<void> {
    if (this.database.closed) throw new Error('PGlite is closed');
    const answer = await this.database.runExclusive(() => this.database.execProtocolRaw(message));
    if (answer.length > 0) this.push(Buffer.from(answer));
  }
}
