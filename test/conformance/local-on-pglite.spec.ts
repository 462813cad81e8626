import { hold } from './hold.js';
import { localOnPglite } from './subjects.js';

hold(localOnPglite);
