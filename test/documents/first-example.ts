import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AuthModule, CurrentUser, type Principal } from 'nest-guardian';
import { local } from 'nest-guardian/local';

@Controller()
class ProfileController {
  @Get('profile')
  profile(@CurrentUser() user: Principal) {
    return { id: user.id, email: user.email };
  }
}

@Module({
  imports: [AuthModule.forRoot({ provider: local({ password: { autoconfirm: true } }) })],
  controllers: [ProfileController],
})
export class AppModule {}

const app = await NestFactory.create(AppModule);
await app.listen(process.env.PORT ?? 3000);
