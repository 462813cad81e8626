import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import passport from 'passport';
import { ExtractJwt } from 'passport-jwt';
import { isAuthError } from '../core/auth-error.js';
import type { Principal } from '../core/principal.js';
import { readBearer } from '../wire/bearer.js';

/** What a strategy asks: who the guard would let in, so that Passport and `AccessGuard` have one opinion of a token. */
export abstract class TokenGate {
  abstract admit(bearer: string): Principal | Promise<Principal>;
}

/** The name under which `JwtStrategy` is registered. */
export const PASSPORT_NAME = Symbol.for('nest-guardian.PASSPORT_NAME');

/** Reads the header as the guard does: two of them are none. */
const bearerOf = ExtractJwt.fromExtractors([
  (request) => {
    // On Fastify the framework's request stands around Node's.
    const bearer = readBearer((request as { readonly raw?: typeof request }).raw ?? request);
    return bearer.kind === 'one' ? bearer.token : null;
  },
]);
type BearerRequest = Parameters<typeof bearerOf>[0];

/** Passport is one for the whole process, and applications may be several: each by the server it listens with. */
const gates = new WeakMap<object, TokenGate>();

const serverOf = ({ socket }: BearerRequest): object =>
  (socket as { readonly server?: object } | undefined)?.server ?? {};

/**
 * A Passport strategy over our verifier. `passport-jwt` gives the extractor only: its own strategy always
 * verifies with `jsonwebtoken`, which is less strict.
 */
class GuardianStrategy extends passport.Strategy implements OnModuleInit {
  constructor(
    override readonly name: string,
    private readonly gate: TokenGate,
    private readonly adapterHost: HttpAdapterHost,
  ) {
    super();
  }

  onModuleInit(): void {
    const server: unknown = this.adapterHost.httpAdapter?.getHttpServer();
    if (typeof server === 'object' && server !== null) gates.set(server, this.gate);
    passport.use(this.name, this);
  }

  override authenticate(request: BearerRequest): void {
    const bearer = bearerOf(request);
    if (bearer === null) return this.fail('Bearer', 401);
    void this.judge(bearer, gates.get(serverOf(request)) ?? this.gate);
  }

  /** A refused token is Passport's `fail`, a 401; anything else, such as a database that is away, its `error`. */
  // Not a #private method: Passport calls on an object whose prototype is this strategy.
  private async judge(bearer: string, gate: TokenGate): Promise<void> {
    try {
      this.success(await gate.admit(bearer));
    } catch (error) {
      if (isAuthError(error) && error.applicationStatus === 401)
        this.fail('Bearer error="invalid_token"', 401);
      else this.error(error);
    }
  }
}

/** `@UseGuards(AuthGuard('jwt'))` of `@nestjs/passport`: `request.user` is the `Principal`. */
@Injectable()
export class JwtStrategy extends GuardianStrategy {
  constructor(gate: TokenGate, adapterHost: HttpAdapterHost, @Inject(PASSPORT_NAME) name: string) {
    super(name, gate, adapterHost);
  }
}

/** The same under the name `gotrue`, for applications that have a `jwt` strategy of their own. */
@Injectable()
export class GoTrueStrategy extends GuardianStrategy {
  constructor(gate: TokenGate, adapterHost: HttpAdapterHost) {
    super('gotrue', gate, adapterHost);
  }
}
