import { Body, Controller, Delete, Get, HttpCode, Param, ParseUUIDPipe, Post } from '@nestjs/common';
import { CurrentUser, fail, FreshAuth, Roles } from 'nest-guardian';
import { NewNote } from './new-note.dto.js';
import { NotesService } from './notes.service.js';

@Controller('notes')
export class NotesController {
  constructor(private readonly notes: NotesService) {}

  @Get()
  list(@CurrentUser('id') personId: string) {
    return this.notes.list(personId);
  }

  @Post()
  add(@CurrentUser('id') personId: string, @Body() { text }: NewNote) {
    return this.notes.add(personId, text);
  }

  /** Whoever found a tab open has not signed in within ten minutes, nor shown a second factor. */
  @Delete()
  @HttpCode(204)
  @FreshAuth('10m')
  deleteAll(@CurrentUser('id') personId: string) {
    return this.notes.deleteAll(personId);
  }

  @Delete(':id')
  @HttpCode(204)
  async delete(
    @CurrentUser('id') personId: string,
    @Param('id', new ParseUUIDPipe({ errorHttpStatusCode: 404 })) id: string,
  ) {
    const wasThere = await this.notes.delete(personId, id);
    return wasThere ? undefined : fail('not_found');
  }

  @Get('counts')
  @Roles('admin')
  counts() {
    return this.notes.countByPerson();
  }
}
