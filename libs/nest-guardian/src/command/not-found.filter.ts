import { type ArgumentsHost, Catch, type ExceptionFilter, NotFoundException } from '@nestjs/common';

/** What Express's response and Fastify's reply have in common. */
interface Reply {
  status(code: number): Reply;
  header(name: string, value: string): Reply;
  send(body: string): unknown;
}

/** GoTrue: outside of its routes it answers in one line of text. */
@Catch(NotFoundException)
export class NotFoundFilter implements ExceptionFilter {
  catch(_: NotFoundException, host: ArgumentsHost): void {
    host
      .switchToHttp()
      .getResponse<Reply>()
      .status(404)
      .header('content-type', 'text/plain; charset=utf-8')
      .send('404 page not found\n');
  }
}
