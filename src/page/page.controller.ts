import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Controller, Get, Header } from '@nestjs/common';
import { Public } from 'nest-guardian';

const read = (name: string): string => readFileSync(join(import.meta.dirname, name), 'utf8');

/** A page to try it with. */
@Public()
@Controller()
export class PageController {
  private readonly html = read('page.html');
  private readonly style = read('page.css');
  private readonly script = read('page.js');

  @Get()
  @Header('Content-Type', 'text/html; charset=utf-8')
  showHtml(): string {
    return this.html;
  }

  @Get('page.css')
  @Header('Content-Type', 'text/css; charset=utf-8')
  showStyle(): string {
    return this.style;
  }

  @Get('page.js')
  @Header('Content-Type', 'text/javascript; charset=utf-8')
  showScript(): string {
    return this.script;
  }
}
