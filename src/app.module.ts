import { Controller, Get, Module } from '@nestjs/common';
import { AuthModule, CurrentUser, type Principal } from 'nest-guardian';
import { local } from 'nest-guardian/local';

@Controller()
class MeController {
  @Get('me') me(@CurrentUser() user: Principal) { return user; }
}

@Module({ imports: [AuthModule.forRoot({ provider: local({ password: { autoconfirm: true } }), fallback: { everything: true } })], controllers: [MeController] })
export class AppModule {}
