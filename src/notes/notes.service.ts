import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { Note } from './note.entity.js';

/** Notes, each seen by the person it belongs to and nobody else. */
@Injectable()
export class NotesService {
  constructor(@InjectRepository(Note) private readonly notes: Repository<Note>) {}

  /** The newest first. */
  list(personId: string): Promise<Note[]> {
    return this.notes.find({ where: { personId }, order: { createdAt: 'DESC' } });
  }

  add(personId: string, text: string): Promise<Note> {
    return this.notes.save({ personId, text });
  }

  /** Says whether this person had such a note. */
  async delete(personId: string, id: string): Promise<boolean> {
    const { affected } = await this.notes.delete({ id, personId });
    return affected === 1;
  }

  async deleteAll(personId: string): Promise<void> {
    await this.notes.delete({ personId });
  }

  countByPerson(): Promise<{ personId: string; count: number }[]> {
    return this.notes
      .createQueryBuilder('note')
      .select('note.personId', 'personId')
      .addSelect('count(*)::int', 'count')
      .groupBy('note.personId')
      .getRawMany();
  }
}
