import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type ArgumentsHost,
  Controller,
  Get,
  Injectable,
  NotFoundException,
  Res,
  UseGuards,
} from '@nestjs/common';
import {
  type ClauseResult,
  Fallback,
  rememberRoute,
  When,
} from '../../libs/nest-guardian/src/http/fallback/clauses.js';
import { AuthError } from '../../libs/nest-guardian/src/core/auth-error.js';
import { common } from '../../libs/nest-guardian/src/core/conditions.js';
import { type Failure, fail } from '../../libs/nest-guardian/src/http/fallback/failure.js';
import { NullAs } from '../../libs/nest-guardian/src/contexts/returned.js';
import { adapters, logged, run, type Running } from './harness.js';

class OutOfPaper extends Error {}

@Injectable()
class Translations {
  readonly missing = 'nicht gefunden';
}

@Injectable()
class ApplicationClauses {
  constructor(private readonly translations: Translations) {}
  @When('not_found') notFound(): ClauseResult {
    return { status: 404, body: { by: 'application', text: this.translations.missing } };
  }
  @When('conflict') conflict(): ClauseResult {
    return { status: 409, body: { by: 'application' } };
  }
  @When(OutOfPaper) outOfPaper(error: OutOfPaper): ClauseResult {
    return { status: 507, body: { by: 'application', message: error.message } };
  }
}
class ControllerClauses {
  @When('not_found') notFound(): ClauseResult {
    return { status: 404, body: { by: 'controller' } };
  }
  @When('forbidden') forbidden(): ClauseResult {
    return { status: 403, body: { by: 'controller' } };
  }
  @When((thrown) => (thrown as Failure).code === 'forbidden') never(): ClauseResult {
    return { status: 403, body: { by: 'nobody' } };
  }
  @When(AuthError) authError(error: AuthError): ClauseResult {
    return { status: 401, body: { by: 'controller', code: error.code } };
  }
}
class ParentClauses {
  @When(() => true) rest(): ClauseResult {
    return { status: 400, body: { by: 'parent' } };
  }
}
class MethodClauses extends ParentClauses {
  @When('not_found') async notFound(): Promise<ClauseResult> {
    return { status: 302, headers: { location: '/found', 'cache-control': 'no-store' } };
  }
}
class Answering {
  static made = 0;
  constructor() {
    Answering.made += 1;
  }
  @When('not_found') answers(_thrown: unknown, host: ArgumentsHost): ClauseResult {
    host.switchToHttp().getResponse<{ send(body: string): unknown }>().send('by itself');
    return { status: 404 };
  }
}
class Passing {
  @When('not_found') decline(): ClauseResult {
    return undefined;
  }
  @When('not_found') replace(): ClauseResult {
    return fail('conflict');
  }
  @When('conflict') stop(): ClauseResult {
    return fail('gone', 'for good');
  }
}
const header = (name: string, value: string) => ({ status: 200, headers: { [name]: value } });
class Broken {
  @When('not_found') throws(): ClauseResult {
    throw new Error('password=hunter2');
  }
  @When('conflict') badStatus(): ClauseResult {
    return { status: 99 };
  }
  @When('gone') badHeader(): ClauseResult {
    return header('x-split', 'a\r\nset-cookie: b');
  }
  @When('rate_limited') badHeaderName(): ClauseResult {
    return header('x split', 'a');
  }
  @When('locked') badBody(): ClauseResult {
    return { status: 200, body: { n: 1n } };
  }
  @When('forbidden') noAnswer(): ClauseResult {
    return 'text' as never;
  }
  @When('validation') fails(): ClauseResult {
    throw fail('not_found');
  }
  @When('unauthenticated') rejects(): Promise<ClauseResult> {
    return Promise.reject(new Error('password=hunter2'));
  }
}
@Injectable()
class NeedsWhatIsNotThere {
  constructor(readonly missing: OutOfPaper) {}
  @When('not_found') notFound(): ClauseResult {
    return { status: 200 };
  }
}

@Controller()
@Fallback(ControllerClauses)
class Routes {
  @Get('method') @Fallback(MethodClauses) method() {
    return fail('not_found');
  }
  @Get('method-parent') @Fallback(MethodClauses) methodParent() {
    return fail('gone');
  }
  @Get('controller') controller() {
    return fail('not_found');
  }
  @Get('order') order() {
    return fail('forbidden');
  }
  @Get('application') application() {
    return fail('conflict');
  }
  @Get('built-in') builtIn() {
    return fail('gone');
  }
  @Get('auth-error') authError() {
    throw new AuthError(common.badJwt);
  }
  @Get('class') class() {
    throw new OutOfPaper('A4');
  }
  @Get('guarded')
  @UseGuards({
    canActivate: () => {
      throw fail('not_found');
    },
  })
  guarded() {}
  @Get('remembered')
  @UseGuards({
    canActivate: (context) => {
      rememberRoute(context, () => context.switchToHttp().getRequest());
      throw fail('not_found');
    },
  })
  remembered() {}
}

@Controller()
class Plain {
  @Get('provided') provided() {
    return fail('not_found');
  }
  @Get('exception') exception() {
    throw new NotFoundException();
  }
  @Get('answering') @Fallback(Answering) answering() {
    return fail('not_found');
  }
  @Get('passing') @Fallback(Passing) passing() {
    return fail('not_found');
  }
  @Get('unmakeable') @Fallback(NeedsWhatIsNotThere) unmakeable() {
    return fail('not_found');
  }
}

const codes = [
  'not_found',
  'rate_limited',
  'conflict',
  'gone',
  'locked',
  'forbidden',
  'validation',
  'unauthenticated',
];
class BrokenRoutes {}
for (const code of codes) {
  Object.defineProperty(BrokenRoutes.prototype, code, { value: () => fail(code), enumerable: true });
  const descriptor = Object.getOwnPropertyDescriptor(BrokenRoutes.prototype, code)!;
  Get(code)(BrokenRoutes.prototype, code, descriptor);
}
Controller('broken')(BrokenRoutes);
Fallback(Broken)(BrokenRoutes);

@Controller('nothing')
@NullAs('not_found')
class Nothing {
  @Get('null') null() {
    return null;
  }
  @Get('undefined') undefined() {}
  @Get('falsy') falsy() {
    return 0;
  }
  @Get('gone') @NullAs('gone') gone() {
    return null;
  }
  @Get('answered') answered(@Res() response: { send(body: string): unknown }) {
    response.send('answered');
  }
}

describe.each(adapters)('on %s', (_name, adapter) => {
  let app: Running;
  let modest: Running;
  beforeAll(async () => {
    const metadata = {
      controllers: [Routes, Plain, BrokenRoutes, Nothing],
      providers: [Translations, ApplicationClauses],
    };
    app = await run(adapter, { everything: true, clauses: [ApplicationClauses] }, metadata);
    modest = await run(adapter, { clauses: [ApplicationClauses] }, metadata);
  });
  afterAll(() => Promise.all([app.close(), modest.close()]));
  beforeEach(() => void logged.splice(0));

  it.each([
    [
      'the controller is asked before the application',
      '/controller',
      { status: 404, json: { by: 'controller' } },
    ],
    [
      'clauses are asked in the order they are written',
      '/order',
      { status: 403, json: { by: 'controller' } },
    ],
    ['the application is asked last', '/application', { status: 409, json: { by: 'application' } }],
    [
      'what no clause takes is built in',
      '/built-in',
      { status: 410, json: { type: 'about:blank', title: 'Gone', status: 410, code: 'gone' } },
    ],
    ['a parent is asked after its child', '/method-parent', { status: 400, json: { by: 'parent' } }],
    ['a clause may ask for a class', '/class', { status: 507, json: { by: 'application', message: 'A4' } }],
    [
      'an AuthError is of a class too',
      '/auth-error',
      { status: 401, json: { by: 'controller', code: 'bad_jwt' } },
    ],
    [
      'clauses are injected',
      '/provided',
      { status: 404, json: { by: 'application', text: 'nicht gefunden' } },
    ],
    [
      'an HttpException has the code of its status',
      '/exception',
      { status: 404, json: { by: 'application', text: 'nicht gefunden' } },
    ],
    [
      'a guard is before the route',
      '/guarded',
      { status: 404, json: { by: 'application', text: 'nicht gefunden' } },
    ],
    ['unless it says which route it guards', '/remembered', { status: 404, json: { by: 'controller' } }],
  ])('%s', async (_law, path, answer) => {
    expect(await app.ask(path)).toMatchObject(answer);
    expect(logged).toEqual([]);
  });

  it('the method is asked first, and may answer anything', async () => {
    const { status, headers, text } = await app.ask('/method');
    expect([status, headers.get('location'), text]).toEqual([302, '/found', '']);
    expect(headers.get('cache-control')).toBe('no-store');
  });
  it('a clause that answers by itself is not answered over, and its class is made once', async () => {
    Answering.made = 0;
    expect(await app.ask('/answering')).toMatchObject({ status: 200, text: 'by itself' });
    expect(await app.ask('/answering')).toMatchObject({ status: 200, text: 'by itself' });
    expect([Answering.made, logged]).toEqual([1, []]);
  });
  it('a clause may decline, or hand another failure on to those after it', async () => {
    expect(await app.ask('/passing')).toMatchObject({ status: 410, json: { detail: 'for good' } });
  });
  it.each([...codes.map((code) => `/broken/${code}`), '/unmakeable'])(
    '%s: a clause that breaks ends in the last one',
    async (path) => {
      const { status, json, text, headers } = await app.ask(path);
      expect([status, json?.code]).toEqual([500, 'unknown']);
      expect(text).not.toContain('hunter2');
      expect(headers.get('set-cookie')).toBeNull();
      expect(logged).toEqual([expect.stringMatching(`^${String(json?.id)} GET ${path} `)]);
      expect(logged[0]).toContain('while answering');
    },
  );
  it('by default clauses see no error that is not ours', async () => {
    expect(await modest.ask('/application')).toMatchObject({ status: 409, json: { by: 'application' } });
    expect(await modest.ask('/class')).toMatchObject({
      status: 500,
      json: { message: 'Internal server error' },
    });
  });

  it('nothing is a failure where that was declared', async () => {
    expect((await modest.ask('/nothing/null')).status).toBe(404);
    expect((await modest.ask('/nothing/undefined')).status).toBe(404);
    expect((await modest.ask('/nothing/gone')).status).toBe(410);
  });
  it('but zero is something, and so is an answer that was sent', async () => {
    expect(await modest.ask('/nothing/falsy')).toMatchObject({ status: 200, text: '0' });
    expect(await modest.ask('/nothing/answered')).toMatchObject({ status: 200, text: 'answered' });
    expect(logged).toEqual([]);
  });
});
