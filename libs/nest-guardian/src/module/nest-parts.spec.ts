import { describe, expect, it } from '@jest/globals';
import { Injectable, Module, Scope } from '@nestjs/common';
import { AccountWork, Auth, AuthModule, CustomClaims, gotrue } from 'nest-guardian';
import { startApp } from '../../../../test/support/start-app.js';
import type { AuthModuleShape } from './options.js';

const provider = gotrue({ url: 'http://127.0.0.1:1', jwtSecret: 'a secret of more than thirty-two bytes' });

@Injectable()
class Pages {}

@Injectable({ scope: Scope.REQUEST })
class PerRequest extends AccountWork {}

@Injectable()
class NeedsWhatIsNotThere extends CustomClaims {
  constructor(readonly pages: Pages) {
    super();
  }
  claimsFor() {
    return {};
  }
}

describe('classes that forRoot names', () => {
  const start = async (shape: Partial<AuthModuleShape>, providers: readonly (typeof Pages)[] = []) => {
    @Module({ imports: [AuthModule.forRoot({ provider, ...shape })], providers: [...providers] })
    class App {}
    const { close } = await startApp(App);
    await close();
  };

  it('are refused at boot where one would be made for every request', async () => {
    await expect(start({ accountWork: [PerRequest] }, [PerRequest as never])).rejects.toThrow(/PerRequest/);
  });

  it('are refused at boot where something they inject is not there', async () => {
    await expect(start({ customClaims: NeedsWhatIsNotThere })).rejects.toThrow(/Pages/);
    await start({ customClaims: NeedsWhatIsNotThere }, [Pages, NeedsWhatIsNotThere as never]);
  });

  it.each<[string, object, string]>([
    ['no list', { accountWork: PerRequest }, 'accountWork'],
    ['no classes', { accountWork: [{}] }, 'accountWork'],
    ['no class', { customClaims: {} }, 'customClaims'],
    ['no class either', { auditSink: 'Archive' }, 'auditSink'],
  ])('are classes: %s', async (_, shape, path) => {
    await expect(start(shape)).rejects.toThrow(path);
  });

  it('may inject what the module itself exports', async () => {
    @Injectable()
    class UsesAuth extends AccountWork {
      constructor(readonly auth: Auth) {
        super();
      }
    }
    await start({ accountWork: [UsesAuth] });
  });
});
