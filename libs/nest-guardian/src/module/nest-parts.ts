import type { Type } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import type { AccountWork } from '../core/ports/account-work.js';
import { ApplicationParts } from '../core/ports/application-parts.js';
import type { AuditSink } from '../core/ports/audit-sink.js';
import type { CustomClaims } from '../core/ports/custom-claims.js';
import type { AuthModuleShape } from './options.js';

export type PartsShape = Pick<AuthModuleShape, 'accountWork' | 'customClaims' | 'auditSink'>;

/** The classes that `forRoot` names, as Nest instantiates them. Each is looked for once, when it is first needed. */
export class NestParts extends ApplicationParts {
  readonly accountWork: (() => Promise<readonly AccountWork[]>) | null;
  readonly customClaims: (() => Promise<CustomClaims>) | null;
  readonly auditSink: (() => Promise<AuditSink>) | null;

  constructor(
    private readonly moduleRef: ModuleRef,
    { accountWork = [], customClaims, auditSink }: PartsShape,
  ) {
    super();
    this.accountWork =
      accountWork.length === 0 ? null : once(() => Promise.all(accountWork.map((one) => this.#find(one))));
    this.customClaims = customClaims ? once(() => this.#find(customClaims)) : null;
    this.auditSink = auditSink ? once(() => this.#find(auditSink)) : null;
  }

  /** Finds all of them, so that one which cannot be made is told at boot. */
  async findAll(): Promise<void> {
    await Promise.all([this.accountWork?.(), this.customClaims?.(), this.auditSink?.()]);
  }

  #find<T>(type: Type<T>): Promise<T> {
    return instanceOf(type, this.moduleRef);
  }
}

/** The application's own provider, wherever it stands; a class that is no provider is made here. */
export async function instanceOf<T>(type: Type<T>, moduleRef: ModuleRef): Promise<T> {
  return providerOf(type, moduleRef) ?? moduleRef.create(type);
}

function providerOf<T>(type: Type<T>, moduleRef: ModuleRef): T | null {
  try {
    return moduleRef.get<T>(type, { strict: false });
  } catch (error) {
    // Nest has no way to ask without throwing. What is not there is made; one made per request is a mistake.
    if ((error as Error).constructor.name === 'UnknownElementException') return null;
    throw error;
  }
}

/** Finds it when it is first needed, and never again. */
export function once<T>(find: () => Promise<T>): () => Promise<T> {
  let found: Promise<T> | null = null;
  return () => (found ??= find());
}
